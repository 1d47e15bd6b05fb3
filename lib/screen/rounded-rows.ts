/**
 * Rows rounded to whole numbers, from which the screening kernel tells how far apart they are, and how far that can be
 * off. In units of their own, rows are at most 32,000 long, so that sums of products fit 32 bits.
 */
import type { Csr } from '../cells/csr.ts';
import { type Address, KernelMemory, sharedMemory } from '../kernels/memory.ts';
import { LARGEST_OF_FOURS, layOutSteps, type Steps } from '../kernels/steps.ts';
import { columnsByUse } from '../pairwise/sparse-rows.ts';

/** Length of the longest row in units, at most. */
const LONGEST = 32_000;

/** Rows in a shared memory, the sparsest first: of two rows, the entries of the former are walked. */
export interface RoundedRows extends Steps {
  readonly memory: WebAssembly.Memory;
  readonly rows: number;
  /** Columns in use, numbered by use. */
  readonly columns: number;
  /** Which row of the matrix each is; shared. */
  readonly order: Int32Array;
  /** The rows as they are. */
  readonly matrix: Csr;
  /** f64[rows], by row of the matrix: Σ x², summed in the order of the entries. */
  readonly squares: Address;
  /** i32[rows]: Σ x² / 2 in units². */
  readonly halves: Address;
  /** i32[rows]: twice what a distance from this row, Σ (x − y)² / 2 in units², can be off. */
  readonly slacks: Address;
}

/** @param matrix without negative values; of at most 65,535 columns in use */
export function layRounded(matrix: Csr): RoundedRows {
  const { rows, indptr, indices } = matrix;
  const { numberOf, used } = columnsByUse(matrix);
  const order = sparsestFirst(matrix);
  const room = new KernelMemory(sharedMemory());
  const at = {
    squares: room.allocate(rows * 8),
    halves: room.allocate(rows * 4),
    slacks: room.allocate(rows * 4),
  };
  const squares = room.float64(at.squares, rows);
  const largest = sumSquares(matrix, squares);
  const longest = Math.sqrt(squares.reduce((a, b) => Math.max(a, b), 0));
  const unit = Math.max(longest / LONGEST, largest / LARGEST_OF_FOURS) || 1;
  const { values, losses } = round(matrix, unit);
  const halves = room.int32(at.halves, rows);
  const slacks = room.int32(at.slacks, rows);
  const largestLoss = losses.reduce((a, b) => Math.max(a, b), 0);
  for (const [i, row] of order.entries()) {
    const length = Math.sqrt(squares[row]) / unit;
    halves[i] = Math.round((length * length) / 2);
    slacks[i] = 2 * Math.ceil(errorOf(length, losses[row], largestLoss));
  }
  const steps = layOutSteps(
    room,
    { starts: indptr, order, columns: indices, values, numberOf, used },
    LARGEST_OF_FOURS,
  );
  return { memory: room.memory, rows, columns: used, order, matrix, ...at, ...steps };
}

/** Of each row, in the order of its entries. @returns the largest value */
function sumSquares({ rows, indptr, values }: Csr, squares: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      const value = values[e];
      if (value < 0) throw new Error(`Internal error: a value of ${value} among those to be screened`);
      if (value > largest) largest = value;
      square += value * value;
    }
    squares[i] = square;
  }
  return largest;
}

/** Values in whole units, and of each row the length of what that takes away, in units too. */
function round({ rows, indptr, values }: Csr, unit: number) {
  const rounded = new Uint16Array(indptr[rows]);
  const losses = new Float64Array(rows);
  const perUnit = 1 / unit;
  for (let i = 0; i < rows; i++) {
    let loss = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      const inUnits = values[e] * perUnit;
      const whole = (inUnits + 0.5) | 0;
      loss += (inUnits - whole) * (inUnits - whole);
      rounded[e] = whole;
    }
    losses[i] = Math.sqrt(loss);
  }
  return { values: rounded, losses };
}

/**
 * What half a squared distance from a row can be off, in units². With X for what x is rounded to, x·y − X·Y is
 * x·(y − Y) + (x − X)·Y: at most the products of their lengths (Cauchy and Schwarz). Two halves are rounded, and
 * distances that are compared as 32-bit floats are equal when their squares are within 2^-22.
 */
function errorOf(length: number, loss: number, largestLoss: number): number {
  const ofProducts = length * largestLoss + loss * (LONGEST + largestLoss);
  const ofFloats = ((length + LONGEST) * (length + LONGEST)) / 2 / (1 << 21);
  return ofProducts + ofFloats + 2;
}

/** Row numbers by number of entries. */
function sparsestFirst({ rows, indptr }: Csr): Int32Array {
  const longest = indptr.reduce((n, _, i) => (i === 0 ? n : Math.max(n, indptr[i] - indptr[i - 1])), 0);
  const starts = new Uint32Array(longest + 2);
  for (let i = 0; i < rows; i++) starts[indptr[i + 1] - indptr[i] + 1]++;
  for (let n = 0; n <= longest; n++) starts[n + 1] += starts[n];
  const order = new Int32Array(new SharedArrayBuffer(rows * 4));
  for (let i = 0; i < rows; i++) order[starts[indptr[i + 1] - indptr[i]]++] = i;
  return order;
}
