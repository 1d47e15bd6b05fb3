/** Cut-offs of a measure, at which its pairs become relations. */
import { orientationOf } from '../spaces/metric.ts';
import type { Space } from '../spaces/space.ts';

/** Number of cells whose distances (half a million pairs) the cut-offs are derived from. */
const SAMPLE = 1024;

/** Shares of the pairs that are related at the cut-offs of a distance: finer where only near cells are related. */
const SHARES = [
  0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5,
  0.7, 0.9,
];

/** Cut-offs of correlations, cosine and overlaps: 0, 0.05 … 0.95. */
export const SIMILARITY_CUTOFFS: readonly number[] = Array.from({ length: 20 }, (_, i) => i / 20);

/** Returns the positions of at most 1,024 cells, evenly spaced over the cells of a space. */
export function samplePositions(cells: number): Int32Array {
  const n = Math.min(cells, SAMPLE);
  return Int32Array.from({ length: n }, (_, i) => Math.floor((i * cells) / n));
}

/**
 * Returns cut-offs for a distance: its quantiles at fixed shares over the pairs of a sample of cells, rounded to three
 * significant digits. Distances of any unit are thus cut at about the same numbers of pairs. Ascending; none without pairs.
 */
export function distanceCutoffs(sample: Space): number[] {
  if (orientationOf(sample.metric) !== 'distance') throw new Error('Internal error: not a distance');
  const { rows, defined } = sample;
  const found = new Float32Array((rows * (rows - 1)) / 2);
  const { values, stride } = sample.tile({ rowStart: 0, rowEnd: rows, columnStart: 0, columnEnd: rows });
  let n = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      if ((defined[i] & defined[j]) === 1) found[n++] = values[i * stride + j];
    }
  }
  if (n === 0) return [];
  const sorted = found.subarray(0, n).sort();
  return ascending(SHARES.map((share) => Number(sorted[Math.floor(share * (n - 1))].toPrecision(3))));
}

/** Sorts cut-offs and removes repeats. */
export function ascending(cutoffs: readonly number[]): number[] {
  return [...new Set(cutoffs)].sort((a, b) => a - b);
}
