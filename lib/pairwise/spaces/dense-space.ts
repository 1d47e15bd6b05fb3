/** Spaces of embeddings, which have dense rows. */
import type { Embedding } from '../../data/kinds/types.ts';
import { dataError } from '../../errors.ts';
import { layDense, type RowScalars } from '../../kernels/pairs.ts';
import { centredRanks, tieRuns } from '../../stats/average-ranks.ts';
import { kernelSpace } from './kernel-space.ts';
import type { Space } from './space.ts';
import { LARGEST } from './sparse-rows.ts';
import { inverseRoot, KERNEL_METRICS } from './sparse-space.ts';

/**
 * Opens an embedding as a space. Euclidean distances are summed from differences, which keeps the digits of cells that
 * lie close together; correlations come from dot products and sums in 64-bit floats.
 *
 * @param metric one of KERNEL_METRICS
 * @param order the rows of the space, as row numbers of the embedding
 */
export async function denseSpace(embedding: Embedding, metric: string, order: Int32Array): Promise<Space> {
  if (!KERNEL_METRICS.includes(metric)) throw new Error(`Internal error: no kernel for ${metric}`);
  const { dims } = embedding;
  const values = coordinatesOf(embedding, order);
  if (metric === 'spearman') {
    for (let i = 0; i < order.length; i++) {
      const row = values.subarray(i * dims, (i + 1) * dims);
      centredRanks(tieRuns(row), row);
    }
  }
  const scalars = denseScalars(values, order.length, dims, metric);
  return kernelSpace(layDense(values, dims, scalars), scalars.w, { metric, size: { dims } });
}

/** Returns the rows of the space, rows × dims. Throws a data error if a coordinate is not a finite number below `LARGEST`. */
export function coordinatesOf(
  { cellIds, dims, values }: Pick<Embedding, 'cellIds' | 'dims' | 'values'>,
  order: Int32Array,
): Float32Array {
  const coordinates = new Float32Array(order.length * dims);
  for (let i = 0; i < order.length; i++) {
    const row = values.subarray(order[i] * dims, (order[i] + 1) * dims);
    checkRow(row, cellIds[order[i]]);
    coordinates.set(row, i * dims);
  }
  return coordinates;
}

function denseScalars(values: Float32Array, rows: number, dims: number, metric: string): RowScalars {
  const s = new Float64Array(rows);
  const w = new Float64Array(rows);
  if (metric === 'euclidean') return { finish: 'difference', c: 0, s, w };
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * dims, (i + 1) * dims);
    let sum = 0;
    let squares = 0;
    for (const value of row) sum += value;
    if (metric === 'cosine') {
      for (const value of row) squares += value * value;
    } else {
      const mean = sum / dims;
      for (const value of row) squares += square(value - mean);
      if (row.every((value) => value === row[0])) squares = 0;
      s[i] = sum;
    }
    w[i] = inverseRoot(squares);
  }
  return { finish: 'correlation', c: metric === 'cosine' ? 0 : 1 / dims, s, w };
}

/** Square as a product: `** 2` is pow in some engines and compiler tiers, and a product in others. */
const square = (x: number) => x * x;

function checkRow(row: Float32Array, cellId: string): void {
  for (let d = 0; d < row.length; d++) {
    if (Math.abs(row[d]) < LARGEST) continue;
    throw dataError(`a coordinate of ${row[d]} cannot be compared`, {
      expected: `finite numbers below ${LARGEST}`,
      where: `cell "${cellId}", d${d + 1}`,
    });
  }
}
