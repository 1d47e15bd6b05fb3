/**
 * Runs of sub-bins in the order of floats, by which single bins of a grid are refined: a sub-bin is 2^shift neighbouring
 * floats. Two refinements of at most 2^16 sub-bins split any bin into single floats.
 */
import { firstKeyOf, type ValueGrid } from './value-grid.ts';

/** Sub-bins of 2^shift floats each, the first from the key `first` on. Plain data: it travels in a part. */
export type KeyRun = readonly [first: number, subBins: number, shift: number];

/** Splits the keys [first, end) into at most 2^bits sub-bins. */
export function runOfKeys(first: number, end: number, bits: number): KeyRun {
  // Bits of the last key's distance: ⌈log₂(end − first)⌉ without a logarithm, of which engines have their own.
  const shift = Math.max(0, 32 - Math.clz32(Math.max(0, end - first - 1)) - bits);
  return [first, Math.ceil((end - first) / 2 ** shift), shift];
}

/** Splits a bin of the grid. */
export const runOfBin = (grid: ValueGrid, bin: number, bits: number): KeyRun =>
  runOfKeys(firstKeyOf(grid, bin), firstKeyOf(grid, bin + 1), bits);

/** Each run once, by their first keys. */
export function ascendingRuns(runs: readonly KeyRun[]): KeyRun[] {
  const byFirst = new Map(runs.map((run) => [run[0], run]));
  return [...byFirst.values()].sort((a, b) => a[0] - b[0]);
}

/** Where the sub-bins of each run stand in an array of counts of all. */
export function subBinOffsets(runs: readonly KeyRun[]): number[] {
  const offsets: number[] = [];
  let subBins = 0;
  for (const [, own] of runs) {
    offsets.push(subBins);
    subBins += own;
  }
  return [...offsets, subBins];
}

/**
 * What a sub-bin holds beside its count: 0 nothing, `SEVERAL` different values, else the key of its one value, however
 * often. So ties are told from values that merely lie close together. No finite float has these keys.
 */
export const SEVERAL = 0xffffffff;
