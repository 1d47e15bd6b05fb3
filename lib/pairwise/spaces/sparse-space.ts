/** Spaces of encodings: sparse rows over `genes` genes, where genes without a stored value are zeros that count. */
import type { Csr } from '../../cells/csr.ts';
import { dataError } from '../../errors.ts';
import {
  INTEGER_LIMITS,
  integerLayer,
  type RowLayer,
  type RowScalars,
  sparseLayer,
} from '../../kernels/pairs.ts';
import { cubeLess, SparseRanker } from '../../stats/sparse-ranks.ts';
import { kernelSpace } from './kernel-space.ts';
import { inMemory, type RowSource } from './row-source.ts';
import type { Space } from './space.ts';
import { type ColumnOrder, rowSizes } from './sparse-rows.ts';

/** Metrics whose values the kernels compute, for sparse and for dense rows. */
export const KERNEL_METRICS: readonly string[] = ['spearman', 'pearson', 'cosine', 'euclidean'];

/** Opens a matrix in memory as a space: see `streamedSpace`. */
export const sparseSpace = (matrix: Csr, metric: string, genes: number, order: Int32Array): Promise<Space> =>
  streamedSpace(inMemory(matrix), metric, genes, order);

/**
 * Opens sparse rows as a space, reading them twice: once to count entries and uses of columns, and once to write them,
 * ranked for `spearman`, to the kernel's memory. So besides the space, only one block of rows is in memory.
 *
 * @param metric one of KERNEL_METRICS
 * @param genes number of genes that take part, zeros included; at least the columns in use
 * @param order the rows of the space, as row numbers of the source; none twice
 */
export async function streamedSpace(
  source: RowSource,
  metric: string,
  genes: number,
  order: Int32Array,
): Promise<Space> {
  if (!KERNEL_METRICS.includes(metric)) throw new Error(`Internal error: no kernel for ${metric}`);
  const { by, entries } = await rowSizes(source);
  if (by.used > genes) {
    throw new Error(`Internal error: ${by.used} columns hold values, but only ${genes} genes take part`);
  }
  const starts = new Uint32Array(order.length + 1);
  let longest = 0;
  checkEntries(order, entries);
  for (let i = 0; i < order.length; i++) {
    starts[i + 1] = starts[i] + entries[order[i]];
    longest = Math.max(longest, entries[order[i]]);
  }
  const isRanked = metric === 'spearman';
  // A doubled shifted rank is at most 2(n − 1) + 1 + (genes − n) = genes + n − 1. Small ranks fit the integer kernel.
  const isSmall = by.used <= INTEGER_LIMITS.columns && genes + longest <= INTEGER_LIMITS.value;
  const layer = isRanked && isSmall ? integerLayer(starts, by.used) : sparseLayer(starts, by.used);
  const scalars: RowScalars = {
    finish: metric === 'euclidean' ? 'euclidean' : 'correlation',
    c: isRanked ? genes : metric === 'pearson' ? 1 / genes : 0,
    s: new Float64Array(order.length),
    w: new Float64Array(order.length),
  };
  const ranker = new SparseRanker();
  await layRows(source, layer, by, order, longest, (row, i) => {
    if (isRanked) rankRow(row, i, genes, ranker, scalars);
    else weighRow(row, i, metric, genes, scalars);
  });
  return kernelSpace(layer.lay(scalars), scalars.w, { metric, size: { genes } });
}

/** Throws a data error if the rows have more values than 32 bits can number. */
function checkEntries(order: Int32Array, entries: ArrayLike<number>): void {
  let total = 0;
  for (let i = 0; i < order.length; i++) total += entries[order[i]];
  if (total < 2 ** 32) return;
  throw dataError(`the rows have ${total} values`, {
    expected: 'fewer than 4,294,967,296',
    hint: 'sample fewer cells (`subset.cellsPerType`), or take fewer genes (`hvg`)',
  });
}

/**
 * Writes the rows `order` of a source to the memory of a kernel.
 *
 * @param prepare called with the values of each row, which it may replace, and the row's place in the space
 */
async function layRows(
  source: RowSource,
  { starts, indices, values }: RowLayer,
  { numberOf }: ColumnOrder,
  order: Int32Array,
  longest: number,
  prepare: (row: Float32Array, i: number) => void,
): Promise<void> {
  const places = new Int32Array(source.rows).fill(-1);
  for (let i = 0; i < order.length; i++) places[order[i]] = i;
  const room = new Float32Array(longest);
  for await (const block of source.blocks()) {
    for (let row = 0; row < block.rows; row++) {
      const i = places[block.start + row];
      if (i < 0) continue;
      const start = block.indptr[row];
      const own = room.subarray(0, block.indptr[row + 1] - start);
      own.set(block.values.subarray(start, start + own.length));
      prepare(own, i);
      const at = starts[i];
      values.set(own, at);
      for (let e = 0; e < own.length; e++) indices[at + e] = numberOf[block.indices[start + e]];
    }
  }
}

/**
 * Replaces the values of row `i` by doubled shifted average ranks, and writes its scalars for Spearman's correlation. With
 * z zeros tied at rank (z + 1)/2, the shifted rank s = rank − (z + 1)/2 leaves zeros at 0. Over G genes, Σs = G·nnz/2 and
 *
 *   ρ = (Σ s_x s_y − G·(nnz_x/2)(nnz_y/2)) / √(V_x V_y),  V = (G³ − G)/12 − Σ_ties (t³ − t)/12, zeros included.
 *
 * Doubled, s is a whole number, and so is every term of the numerator, which is thus exact in 64-bit floats in any order.
 */
function rankRow(
  row: Float32Array,
  i: number,
  genes: number,
  ranker: SparseRanker,
  { s, w }: RowScalars,
): void {
  for (let e = 0; e < row.length; e++) if (row[e] < 0) throw negativeValue(row[e]);
  const ties = ranker.rank(row, genes - row.length);
  s[i] = row.length;
  // Four times the variance sum V, for doubled ranks.
  w[i] = inverseRoot((cubeLess(genes) - ties) / 3);
}

const negativeValue = (value: number) =>
  dataError(`Spearman of a sparse encoding with a negative value (${value})`, {
    expected: 'values of 0 or more: genes that are not stored rank lowest',
  });

/** Writes the scalars of row `i` for metrics other than Spearman's correlation. Sums are in the order of its entries. */
function weighRow(row: Float32Array, i: number, metric: string, genes: number, { s, w }: RowScalars): void {
  let sum = 0;
  let squares = 0;
  let constant = row.length === genes;
  for (const value of row) {
    sum += value;
    squares += value * value;
    if (value !== row[0]) constant = false;
  }
  if (metric === 'euclidean') {
    s[i] = squares;
  } else if (metric === 'cosine') {
    w[i] = inverseRoot(squares);
  } else {
    s[i] = sum;
    // Rounding may leave a constant row a small variance, so constant rows are detected by their values.
    w[i] = constant ? Number.NaN : inverseRoot(squares - (sum * sum) / genes);
  }
}

/** Returns 1/√x; NaN where x is not above 0. */
export function inverseRoot(x: number): number {
  return x > 0 ? 1 / Math.sqrt(x) : Number.NaN;
}
