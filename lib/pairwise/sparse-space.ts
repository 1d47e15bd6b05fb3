/** Encodings as spaces: sparse rows over `genes` genes, of which those not stored are zeros that count. */
import type { Csr } from '../cells/csr.ts';
import { dataError } from '../errors.ts';
import {
  type Finish,
  INTEGER_LIMITS,
  type KernelRows,
  layIntegers,
  laySparse,
  type RowScalars,
  type SparseRows,
} from '../kernels/pairs.ts';
import { kernelSpace } from './kernel-space.ts';
import type { Metric } from './metric.ts';
import { cubeLess, SparseRanker } from './ranks.ts';
import type { Space } from './space.ts';
import { type ColumnOrder, columnsByUse, orderedIndptr, prepareRows } from './sparse-rows.ts';

/**
 * @param genes number of genes that take part, zeros included; at least the columns in use
 * @param order the rows of the space, as row numbers of the matrix
 */
export async function sparseSpace(
  matrix: Csr,
  metric: Metric,
  genes: number,
  order: Int32Array,
): Promise<Space> {
  const by = columnsByUse(matrix);
  if (by.used > genes) {
    throw new Error(`Internal error: ${by.used} columns hold values, but only ${genes} genes take part`);
  }
  const about = { metric, size: { genes } };
  if (metric === 'spearman') {
    const scalars = newScalars(order.length, 'correlation', genes);
    return kernelSpace(layRanks(matrix, order, by, genes, scalars), scalars.w, about);
  }
  const rows = prepareRows(matrix, order, by);
  const scalars = valueScalars(rows, metric, genes);
  return kernelSpace(laySparse(rows, scalars), scalars.w, about);
}

const newScalars = (rows: number, finish: Finish, c: number): RowScalars => ({
  finish,
  c,
  s: new Float64Array(rows),
  w: new Float64Array(rows),
});

/** Ranks the rows; as integers without a copy of the matrix, if they are small enough. */
function layRanks(
  matrix: Csr,
  order: Int32Array,
  by: ColumnOrder,
  genes: number,
  scalars: RowScalars,
): KernelRows {
  const indptr = orderedIndptr(matrix, order);
  const ranker = new SparseRanker();
  const longest = order.reduce((n, _, i) => Math.max(n, indptr[i + 1] - indptr[i]), 0);
  // A rank is at most 2(n − 1) + 1 + (genes − n).
  if (by.used > INTEGER_LIMITS.columns || genes + longest > INTEGER_LIMITS.value) {
    const rows = prepareRows(matrix, order, by);
    for (let i = 0; i < order.length; i++) {
      rankRow(rows.values.subarray(indptr[i], indptr[i + 1]), i, genes, ranker, scalars);
    }
    return laySparse(rows, scalars);
  }
  const row = new Float32Array(longest);
  return layIntegers(
    {
      indptr,
      columns: by.used,
      write(i, indices, values) {
        const start = matrix.indptr[order[i]];
        const ranks = row.subarray(0, values.length);
        for (let e = 0; e < values.length; e++) {
          indices[e] = by.numberOf[matrix.indices[start + e]];
          ranks[e] = matrix.values[start + e];
        }
        rankRow(ranks, i, genes, ranker, scalars);
        values.set(ranks);
      },
    },
    scalars,
  );
}

/**
 * Replaces the values of row `i` by doubled shifted average ranks, and writes what Spearman needs of it. With z zeros tied at
 * rank (z + 1)/2 and s = rank − (z + 1)/2, so that zeros stay zero: Σs = G·nnz/2 and
 *
 *   ρ = (Σ s_x s_y − G·(nnz_x/2)(nnz_y/2)) / √(V_x V_y),  V = (G³ − G)/12 − Σ_ties (t³ − t)/12, zeros included.
 *
 * Doubled, s is a whole number and so is everything in the numerator: exact in 64-bit floats, in any order.
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

function valueScalars(rows: SparseRows, metric: Metric, genes: number): RowScalars {
  const s = new Float64Array(rows.rows);
  const w = new Float64Array(rows.rows);
  for (let i = 0; i < rows.rows; i++) {
    let sum = 0;
    let squares = 0;
    const first = rows.values[rows.indptr[i]];
    let constant = rows.indptr[i + 1] - rows.indptr[i] === genes;
    for (let e = rows.indptr[i]; e < rows.indptr[i + 1]; e++) {
      const value = rows.values[e];
      sum += value;
      squares += value * value;
      if (value !== first) constant = false;
    }
    if (metric === 'euclidean') {
      s[i] = squares;
    } else if (metric === 'cosine') {
      w[i] = inverseRoot(squares);
    } else {
      s[i] = sum;
      // A constant row may leave a little by rounding: it is asked for, not computed.
      w[i] = constant ? Number.NaN : inverseRoot(squares - (sum * sum) / genes);
    }
  }
  if (metric === 'euclidean') return { finish: 'euclidean', c: 0, s, w };
  return { finish: 'correlation', c: metric === 'pearson' ? 1 / genes : 0, s, w };
}

/** 1/√x, and NaN where x is not above 0. */
export function inverseRoot(x: number): number {
  return x > 0 ? 1 / Math.sqrt(x) : Number.NaN;
}
