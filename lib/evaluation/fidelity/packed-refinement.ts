/**
 * A refinement as it travels in a part. One view of few pairs has some 10⁵ runs of keys: as lists of numbers they would be
 * most of what the main thread holds, and of the records of actions.
 */
import { VarintReader, VarintWriter } from '../../data/files/varint.ts';
import type { KeyRun } from '../../pairwise/quantiles/key-runs.ts';
import type { RefinementPlan } from '../../pairwise/quantiles/refinement.ts';

/** Runs are text: of each the distance from the first key of the one before, the sub-bins, and the shift, 7 bits a byte, in base64. */
export type PackedRefinement = Pick<RefinementPlan, 'grid'> & {
  readonly scopes: string;
  readonly split: readonly { readonly group: number; readonly runs: string }[];
};

export const packRefinement = ({ grid, scopes, split }: RefinementPlan): PackedRefinement => ({
  grid,
  scopes: packRuns(scopes),
  split: split.map(({ group, runs }) => ({ group, runs: packRuns(runs) })),
});

export const unpackRefinement = ({ grid, scopes, split }: PackedRefinement): RefinementPlan => ({
  grid,
  scopes: unpackRuns(scopes),
  split: split.map(({ group, runs }) => ({ group, runs: unpackRuns(runs) })),
});

/** Runs ascend, so all numbers are at least 0. */
function packRuns(runs: readonly KeyRun[]): string {
  const writer = new VarintWriter();
  let before = 0;
  for (const [first, subBins, shift] of runs) {
    writer.write(first - before);
    writer.write(subBins);
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
