/**
 * A closer look as it travels in a part. One view of few pairs has some 10⁵ runs of keys: as lists of numbers they would be
 * most of what the main thread holds, and of the records of actions.
 */
import type { KeyRun } from '../../pairwise/quantiles/key-runs.ts';
import type { LookPlan } from '../../pairwise/quantiles/refinement.ts';

/** Runs are text: of each the distance from the first key of the one before, the cells, and the shift, 7 bits a byte, in base64. */
export type PackedLook = Pick<LookPlan, 'grid'> & {
  readonly scopes: string;
  readonly split: readonly { readonly group: number; readonly runs: string }[];
};

export const packLook = ({ grid, scopes, split }: LookPlan): PackedLook => ({
  grid,
  scopes: packRuns(scopes),
  split: split.map(({ group, runs }) => ({ group, runs: packRuns(runs) })),
});

export const unpackLook = ({ grid, scopes, split }: PackedLook): LookPlan => ({
  grid,
  scopes: unpackRuns(scopes),
  split: split.map(({ group, runs }) => ({ group, runs: unpackRuns(runs) })),
});

/** Runs ascend, so all numbers are at least 0. */
function packRuns(runs: readonly KeyRun[]): string {
  const bytes: number[] = [];
  const put = (number: number) => {
    let rest = number;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  let before = 0;
  for (const [first, cells, shift] of runs) {
    put(first - before);
    put(cells);
    put(shift);
    before = first;
  }
  return Buffer.from(bytes).toString('base64');
}

function unpackRuns(text: string): KeyRun[] {
  const bytes = Buffer.from(text, 'base64');
  const runs: KeyRun[] = [];
  let at = 0;
  const take = () => {
    let number = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes[at++];
      number += (byte % 128) * unit;
      if (byte < 128) return number;
    }
  };
  let first = 0;
  while (at < bytes.length) {
    first += take();
    runs.push([first, take(), take()]);
  }
  return runs;
}
