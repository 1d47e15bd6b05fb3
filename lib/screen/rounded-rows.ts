/**
 * Rows rounded to whole numbers, from which the screening kernel tells how far apart they are, and how far that can be
 * off. In units of their own, rows are at most 32,000 long, so that sums of products fit 32 bits.
 */
import type { Csr } from '../cells/csr.ts';
import { type Address, KernelMemory, sharedMemory } from '../kernels/memory.ts';
import { columnsByUse } from '../pairwise/sparse-rows.ts';

/** Length of the longest row in units. */
const LONGEST = 32_000;

/**
 * Rows in a shared memory, the sparsest first: of two rows, the entries of the former are walked. Entries stand two
 * by two, with a zero behind those of an odd row.
 */
export interface RoundedRows {
  readonly memory: WebAssembly.Memory;
  readonly rows: number;
  /** Columns in use, numbered by use; an odd row ends in number `columns`. */
  readonly columns: number;
  /** Which row of the matrix each is: Int32Array of its own memory, shared. */
  readonly order: Int32Array;
  /** u32[rows + 1], in steps of two entries. */
  readonly indptr: Address;
  /** u16, u16 and f32 of each entry: its column, rounded, and as it is. */
  readonly columnNumbers: Address;
  readonly values: Address;
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
  const { rows, indptr, indices, values } = matrix;
  const by = columnsByUse(matrix);
  const order = sparsestFirst(matrix);
  const starts = new Uint32Array(rows + 1);
  for (let i = 0; i < rows; i++) {
    starts[i + 1] = starts[i] + Math.ceil((indptr[order[i] + 1] - indptr[order[i]]) / 2);
  }
  const entries = starts[rows] * 2;
  const room = new KernelMemory(sharedMemory());
  const at = {
    indptr: room.allocate((rows + 1) * 4),
    columnNumbers: room.allocate(entries * 2),
    values: room.allocate(entries * 2),
    exact: room.allocate(entries * 4),
    squares: room.allocate(rows * 8),
    halves: room.allocate(rows * 4),
    slacks: room.allocate(rows * 4),
  };
  const squares = room.float64(at.squares, rows);
  let most = 0;
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let e = indptr[order[i]]; e < indptr[order[i] + 1]; e++) square += values[e] * values[e];
    squares[i] = square;
    most = Math.max(most, square);
  }
  const unit = most > 0 ? Math.sqrt(most) / LONGEST : 1;

  room.uint32(at.indptr, rows + 1).set(starts);
  const columnsOut = room.uint16(at.columnNumbers, entries);
  const valuesOut = room.uint16(at.values, entries);
  const exactOut = room.float32(at.exact, entries);
  // Length of what rounding takes away, in units.
  const losses = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let to = starts[i] * 2;
    let loss = 0;
    for (let e = indptr[order[i]]; e < indptr[order[i] + 1]; e++, to++) {
      if (values[e] < 0)
        throw new Error(`Internal error: a value of ${values[e]} among those to be screened`);
      const inUnits = values[e] / unit;
      const rounded = Math.round(inUnits);
      loss += (inUnits - rounded) * (inUnits - rounded);
      columnsOut[to] = by.numberOf[indices[e]];
      valuesOut[to] = rounded;
      exactOut[to] = values[e];
    }
    if (to < starts[i + 1] * 2) columnsOut[to] = by.used;
    losses[i] = Math.sqrt(loss);
  }
  const halves = room.int32(at.halves, rows);
  const slacks = room.int32(at.slacks, rows);
  const largestLoss = losses.reduce((a, b) => Math.max(a, b), 0);
  for (let i = 0; i < rows; i++) {
    const length = Math.sqrt(squares[i]) / unit;
    halves[i] = Math.round((length * length) / 2);
    slacks[i] = 2 * Math.ceil(errorOf(length, losses[i], largestLoss));
  }
  return { memory: room.memory, rows, columns: by.used, order, ...at };
}

/**
 * What half a squared distance from a row can be off, in units². With X for what x is rounded to, x·y − X·Y is
 * x·(y − Y) + (x − X)·Y: at most the products of their lengths (Cauchy and Schwarz). Two halves are rounded, and distances that are
 * compared as 32-bit floats are equal when their squares are within 2^-22.
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
