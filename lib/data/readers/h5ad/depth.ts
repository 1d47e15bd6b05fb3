/** Sequencing depth of an atlas, from a sample of its cells. */
import type { Depth } from '../inspection.ts';
import type { Hdf5File } from './hdf5.ts';
import type { Matrix } from './matrix.ts';
import { restrictRows } from './restrict.ts';
import { storedRows } from './rows.ts';

const SAMPLED_CELLS = 3000;
const STRETCHES = 20;
/** Number of entries beyond which gathering rows from columns takes too long for a look. */
const MOST_BY_COLUMN = 1 << 25;

/**
 * Reads the sample, restricted to the columns that have a place; undefined if that would take a pass over a very large
 * matrix.
 */
export function sampleDepth(
  file: Hdf5File,
  matrix: Matrix,
  isMito: readonly boolean[],
  place?: Int32Array,
): Depth | undefined {
  if (matrix.layout === 'csc' && (matrix.stored ?? 0) > MOST_BY_COLUMN) return undefined;
  const detected: number[] = [];
  const totals: number[] = [];
  const mito: number[] = [];
  const hasMito = isMito.includes(true);
  for (const [from, to] of stretchesOf(matrix)) {
    for (const block of storedRows(file, matrix, from, to)) {
      const { rows, indptr, indices, values } = restrictRows(block, place);
      for (let row = 0; row < rows; row++) {
        let [genes, total, mitoTotal] = [0, 0, 0];
        for (let i = indptr[row]; i < indptr[row + 1]; i++) {
          if (values[i] > 0) genes++;
          total += values[i];
          if (isMito[indices[i]]) mitoTotal += values[i];
        }
        detected.push(genes);
        totals.push(total);
        if (hasMito && total > 0) mito.push((100 * mitoTotal) / total);
      }
    }
  }
  totals.sort((a, b) => a - b);
  return {
    cells: detected.length,
    detectedGenes: detected.sort((a, b) => a - b),
    medianCounts: totals[totals.length >> 1] ?? 0,
    mitoPercent: mito.sort((a, b) => a - b),
  };
}

/** Row ranges to sample. A matrix stored by column is passed as a whole for any range, so only one is taken. */
function stretchesOf({ rows, layout }: Matrix): [number, number][] {
  if (rows <= SAMPLED_CELLS || layout === 'csc') return [[0, Math.min(rows, SAMPLED_CELLS)]];
  const length = SAMPLED_CELLS / STRETCHES;
  return Array.from({ length: STRETCHES }, (_, s) => {
    const from = Math.floor((s * (rows - length)) / (STRETCHES - 1));
    return [from, from + length];
  });
}
