/**
 * Centred matrix A − 1μᵀ of rows A, which is never stored: μ (the column means) is subtracted from the products instead,
 * so that sparse rows stay sparse. All sums are in float64 and run in row order.
 */
import type { CsrBlock } from '../../cells/csr.ts';
import type { Panel } from './panel.ts';

/** Centred matrix A − 1μᵀ, rows × columns. */
export interface CenteredRows {
  readonly rows: number;
  readonly columns: number;
  /** Norm √Σa² before centring, the scale of rounding errors. */
  readonly norm: number;
  /** Computes (A − 1μᵀ)ᵀ (A − 1μᵀ) X for a panel X of `columns` rows: `rows` − 1 times the covariance, times X. */
  gram(x: Panel): Panel;
  /** Computes (A − 1μᵀ) X, rows × width. */
  multiply(x: Panel): Panel;
}

/** Centres sparse rows, over the columns that hold any value; the others are constant zero and have no effect. */
export function centerSparse(matrix: CsrBlock): CenteredRows {
  const { rows, indptr, values } = matrix;
  const { columns, indices } = usedColumns(matrix);
  const means = new Float64Array(columns);
  for (let e = 0; e < indices.length; e++) means[indices[e]] += values[e];
  for (let g = 0; g < columns; g++) means[g] /= rows;

  /** Multiplies one centred row by X: out[c] = Σ_g a_g X[g, c] − shift[c]. */
  const rowTimes = (row: number, x: Panel, shift: Float64Array, out: Float64Array) => {
    const { width, data } = x;
    for (let c = 0; c < width; c++) out[c] = -shift[c];
    for (let e = indptr[row]; e < indptr[row + 1]; e++) {
      const value = values[e];
      const base = indices[e] * width;
      for (let c = 0; c < width; c++) out[c] += value * data[base + c];
    }
  };
  const addRow = (row: number, y: Float64Array, width: number, out: Float64Array) => {
    for (let e = indptr[row]; e < indptr[row + 1]; e++) {
      const value = values[e];
      const base = indices[e] * width;
      for (let c = 0; c < width; c++) out[base + c] += value * y[c];
    }
  };
  return centered(rows, columns, lengthOf(values), means, rowTimes, addRow);
}

/** Centres dense rows, rows × columns, row-major. */
export function centerDense(values: Float32Array, rows: number, columns: number): CenteredRows {
  const means = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let g = 0; g < columns; g++) means[g] += values[i * columns + g];
  for (let g = 0; g < columns; g++) means[g] /= rows;

  const rowTimes = (row: number, x: Panel, shift: Float64Array, out: Float64Array) => {
    const { width, data } = x;
    for (let c = 0; c < width; c++) out[c] = -shift[c];
    for (let g = 0; g < columns; g++) {
      const value = values[row * columns + g];
      for (let c = 0; c < width; c++) out[c] += value * data[g * width + c];
    }
  };
  const addRow = (row: number, y: Float64Array, width: number, out: Float64Array) => {
    for (let g = 0; g < columns; g++) {
      const value = values[row * columns + g];
      for (let c = 0; c < width; c++) out[g * width + c] += value * y[c];
    }
  };
  return centered(rows, columns, lengthOf(values), means, rowTimes, addRow);
}

type RowTimes = (row: number, x: Panel, shift: Float64Array, out: Float64Array) => void;
type AddRow = (row: number, y: Float64Array, width: number, out: Float64Array) => void;

function centered(
  rows: number,
  columns: number,
  norm: number,
  means: Float64Array,
  rowTimes: RowTimes,
  addRow: AddRow,
): CenteredRows {
  /** Computes μᵀX. */
  const shiftOf = ({ width, data }: Panel): Float64Array => {
    const shift = new Float64Array(width);
    for (let g = 0; g < columns; g++) {
      for (let c = 0; c < width; c++) shift[c] += means[g] * data[g * width + c];
    }
    return shift;
  };
  return {
    rows,
    columns,
    norm,
    gram(x) {
      const { width } = x;
      const shift = shiftOf(x);
      const y = new Float64Array(width);
      const total = new Float64Array(width);
      const out = new Float64Array(columns * width);
      for (let row = 0; row < rows; row++) {
        rowTimes(row, x, shift, y);
        addRow(row, y, width, out);
        for (let c = 0; c < width; c++) total[c] += y[c];
      }
      // The totals are zero up to rounding; subtracting μ·total keeps the product centred on this side too.
      for (let g = 0; g < columns; g++) {
        for (let c = 0; c < width; c++) out[g * width + c] -= means[g] * total[c];
      }
      return { width, data: out };
    },
    multiply(x) {
      const { width } = x;
      const shift = shiftOf(x);
      const y = new Float64Array(width);
      const out = new Float64Array(rows * width);
      for (let row = 0; row < rows; row++) {
        rowTimes(row, x, shift, y);
        out.set(y, row * width);
      }
      return { width, data: out };
    },
  };
}

function lengthOf(values: Float32Array): number {
  let sum = 0;
  for (let e = 0; e < values.length; e++) sum += values[e] * values[e];
  return Math.sqrt(sum);
}

/** Renumbers the columns that hold any entry as 0, 1, …, in their order, and returns the new column of each entry. */
function usedColumns(matrix: CsrBlock): { columns: number; indices: Int32Array } {
  const number = new Int32Array(matrix.columns);
  for (const g of matrix.indices) number[g] = 1;
  let columns = 0;
  for (let g = 0; g < number.length; g++) number[g] = number[g] === 1 ? columns++ : -1;
  return { columns, indices: matrix.indices.map((g) => number[g]) };
}
