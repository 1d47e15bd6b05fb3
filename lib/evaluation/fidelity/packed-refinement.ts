/**
 * A closer look as it travels in a part. One view of few pairs has some 10⁵ runs of keys: as lists of numbers they would be
 * most of what the main thread holds, and of the records of actions.
 */
import { VarintReader, VarintWriter } from '../../data/files/varint.ts';
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
  const writer = new VarintWriter();
  let before = 0;
  for (const [first, bins, shift] of runs) {
    writer.write(first - before);
    writer.write(bins);
    writer.write(shift);
    before = first;
  }
  return Buffer.from(writer.bytes()).toString('base64');
}

function unpackRuns(text: string): KeyRun[] {
  const reader = new VarintReader(Buffer.from(text, 'base64'));
  const runs: KeyRun[] = [];
  let first = 0;
  while (!reader.isDone) {
    first += reader.read();
    runs.push([first, reader.read(), reader.read()]);
  }
  return runs;
}
