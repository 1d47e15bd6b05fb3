/**
 * Compact form of a refinement, for the data of parts. One view of few pairs has some 10⁵ runs of keys: as lists of numbers
 * they would be most of the main thread's memory, and of the records of actions.
 */
import { VarintReader, VarintWriter } from '../../data/files/varint.ts';
import type { KeyRun } from '../../pairwise/quantiles/key-runs.ts';
import type { RefinementPlan } from '../../pairwise/quantiles/refinement.ts';

/**
 * Refinement with runs as text. A run is three numbers, 7 bits per byte, in base64: the difference of its first key to that
 * of the previous run, the number of sub-bins, and the shift.
 */
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

/** Packs runs, which must ascend, so that all numbers are at least 0. */
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
