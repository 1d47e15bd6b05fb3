/**
 * Runs of sub-bins in the order of floats, which refine single bins of a grid. A sub-bin is 2^shift neighbouring floats.
 * Two refinements of at most 2^16 sub-bins split any bin into single floats.
 */
import { firstKeyOf, type ValueGrid } from './value-grid.ts';

/** Run of sub-bins of 2^shift floats each, the first from the key `first` on. Plain data, since parts carry it. */
export type KeyRun = readonly [first: number, subBins: number, shift: number];

/** Splits the keys [first, end) into at most 2^bits sub-bins. */
export function runOfKeys(first: number, end: number, bits: number): KeyRun {
  // Bits of the last key's distance: ⌈log₂(end − first)⌉ without a logarithm, whose rounding differs between engines.
  const shift = Math.max(0, 32 - Math.clz32(Math.max(0, end - first - 1)) - bits);
  return [first, Math.ceil((end - first) / 2 ** shift), shift];
}

/** Splits a bin of the grid into at most 2^bits sub-bins. */
export const runOfBin = (grid: ValueGrid, bin: number, bits: number): KeyRun =>
  runOfKeys(firstKeyOf(grid, bin), firstKeyOf(grid, bin + 1), bits);

/** Returns the distinct runs, ascending by first key. */
export function ascendingRuns(runs: readonly KeyRun[]): KeyRun[] {
  const byFirst = new Map(runs.map((run) => [run[0], run]));
  return [...byFirst.values()].sort((a, b) => a[0] - b[0]);
}

/** Returns the offset of each run in an array of the counts of all sub-bins, and the number of sub-bins at the end. */
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
 * Marker of a sub-bin with several different values. Beside its count a sub-bin stores 0 if it is empty, `SEVERAL`, or
 * the key of its only value, however often it occurs. This distinguishes ties from values that are only close together.
 * No finite float has the keys 0 and `SEVERAL`.
 */
export const SEVERAL = 0xffffffff;
