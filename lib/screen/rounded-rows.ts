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
  /** The rows as they are: u32[rows + 1], and u16 and f32 of each entry, in the order of the matrix. */
  readonly starts: Address;
  readonly numbers: Address;
  readonly exact: Address;
  /** f64[rows]: Σ x² of the values as they are, summed in the order of the entries. */
  readonly squares: Address;
  /** i32[rows]: Σ x² / 2 in units². */
  readonly halves: Address;
  /** i32[rows]: twice what a distance from this row, Σ (x − y)² / 2 in units², can be off. */
  readonly slacks: Address;
}

/** @param matrix without negative values; of at most 65,535 columns in use */
export function layRounded(matrix: Csr): RoundedRows {
  const { rows, indptr } = matrix;
  const entries = indptr[rows];
  const by = columnsByUse(matrix);
  const order = sparsestFirst(matrix);
  const room = new KernelMemory(sharedMemory());
  const at = {
    starts: room.allocate((rows + 1) * 4),
    numbers: room.allocate(entries * 2),
    exact: room.allocate(entries * 4),
    squares: room.allocate(rows * 8),
    halves: room.allocate(rows * 4),
    slacks: room.allocate(rows * 4),
  };
  const starts = room.uint32(at.starts, rows + 1);
  const numbers = room.uint16(at.numbers, entries);
  const exact = room.float32(at.exact, entries);
  const squares = room.float64(at.squares, rows);
  const largest = copyRows(matrix, by.numberOf, order, { starts, numbers, exact, squares });
  const longest = Math.sqrt(squares.reduce((a, b) => Math.max(a, b), 0));
  const unit = Math.max(longest / LONGEST, largest / LARGEST_OF_FOURS) || 1;
  const { values, losses } = round(exact, starts, unit);
  const halves = room.int32(at.halves, rows);
  const slacks = room.int32(at.slacks, rows);
  const largestLoss = losses.reduce((a, b) => Math.max(a, b), 0);
  for (let i = 0; i < rows; i++) {
    const length = Math.sqrt(squares[i]) / unit;
    halves[i] = Math.round((length * length) / 2);
    slacks[i] = 2 * Math.ceil(errorOf(length, losses[i], largestLoss));
  }
  const steps = layOutSteps(room, { columns: by.used, starts, numbers, values }, LARGEST_OF_FOURS);
  return { memory: room.memory, rows, columns: by.used, order, ...at, ...steps };
}

interface CopiedRows {
  readonly starts: Uint32Array;
  readonly numbers: Uint16Array;
  readonly exact: Float32Array;
  readonly squares: Float64Array;
}

/** @returns the largest value */
function copyRows(
  { rows, indptr, indices, values }: Csr,
  numberOf: Uint32Array,
  order: Int32Array,
  { starts, numbers, exact, squares }: CopiedRows,
): number {
  let largest = 0;
  for (let i = 0, to = 0; i < rows; i++) {
    let square = 0;
    for (let e = indptr[order[i]]; e < indptr[order[i] + 1]; e++, to++) {
      const value = values[e];
      if (value < 0) throw new Error(`Internal error: a value of ${value} among those to be screened`);
      if (value > largest) largest = value;
      square += value * value;
      numbers[to] = numberOf[indices[e]];
      exact[to] = value;
    }
    squares[i] = square;
    starts[i + 1] = to;
  }
  return largest;
}

/** Values in whole units, and of each row the length of what that takes away, in units too. */
function round(exact: Float32Array, starts: Uint32Array, unit: number) {
  const values = new Uint16Array(exact.length);
  const losses = new Float64Array(starts.length - 1);
  for (let i = 0; i < losses.length; i++) {
    let loss = 0;
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      const inUnits = exact[e] / unit;
      values[e] = Math.round(inUnits);
      loss += (inUnits - values[e]) * (inUnits - values[e]);
    }
    losses[i] = Math.sqrt(loss);
  }
  return { values, losses };
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
