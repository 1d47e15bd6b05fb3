/**
 * Rows rounded to whole numbers, from which the prefilter kernel computes approximate distances, with bounds of their
 * errors. Values are in units such that rows have a length of at most 32,000, so that sums of products fit 32 bits. All
 * threads of a search lay the rows out together.
 */
import type { Csr } from '../../cells/csr.ts';
import { type Address, KernelMemory, sharedMemory } from '../../kernels/memory.ts';
import { LARGEST_OF_FOURS, mostWords, roomForSteps, type Steps, StepsLayer } from '../../kernels/steps.ts';
import { byUse } from '../../pairwise/spaces/sparse-rows.ts';
import { BLOCK_ROWS } from './pieces.ts';

/** Largest length of a row, in units. */
const LONGEST = 32_000;

/** Rounded rows in shared memory, the sparsest first: for a pair, the entries of the earlier row are walked. */
export interface RoundedRows extends Steps {
  readonly memory: WebAssembly.Memory;
  readonly rows: number;
  /** Original rows. */
  readonly matrix: Csr;
  /** Row of the matrix at each place. */
  readonly order: Int32Array;
  /** Squared lengths Σ x², f64[rows], by row of the matrix, summed in the order of the entries. */
  readonly squares: Address;
  /** Halved squared lengths Σ x² / 2 in units², i32[rows]. */
  readonly halves: Address;
  /** Slacks, i32[rows]: twice the error bound of a distance Σ (x − y)² / 2 from this row, in units². */
  readonly slacks: Address;
  /** First word of the steps of each block of rows, and the end of the last. */
  readonly blockStarts: readonly number[];
  /** Intermediate results that threads exchange. */
  readonly notes: {
    /** Number of rows that use each column. */
    readonly uses: Uint32Array;
    /** Largest value of each block of rows of the matrix. */
    readonly largest: Float32Array;
    /** Values rounded to whole units, and the length of each row's rounding error, in units. */
    readonly values: Uint16Array;
    readonly errors: Float64Array;
  };
}

/** Function that divides pieces 0 … `pieces` − 1 of a phase among threads, and returns when all are done. */
export type Divide = (pieces: number, work: (piece: number) => void) => void;

/** Allocates memory for the rounded rows. @param matrix in shared memory */
export function roomForRounded(matrix: Csr): RoundedRows {
  const { rows, columns, indptr } = matrix;
  const order = sparsestFirst(matrix);
  const room = new KernelMemory(sharedMemory());
  const blocks = Math.ceil(rows / BLOCK_ROWS);
  const blockStarts = [0];
  for (let block = 0; block < blocks; block++) {
    const members = order.subarray(block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS);
    const entries = members.reduce((sum, row) => sum + indptr[row + 1] - indptr[row], 0);
    blockStarts.push(blockStarts[block] + mostWords(members.length, entries));
  }
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  return {
    memory: room.memory,
    rows,
    matrix,
    order,
    squares: room.allocate(rows * 8),
    halves: room.allocate(rows * 4),
    slacks: room.allocate(rows * 4),
    ...roomForSteps(room, rows, blockStarts[blocks]),
    blockStarts,
    notes: {
      uses: new Uint32Array(shared(columns * 4)),
      largest: new Float32Array(shared(blocks * 4)),
      values: new Uint16Array(shared(indptr[rows] * 2)),
      errors: new Float64Array(shared(rows * 8)),
    },
  };
}

/**
 * Rounds the rows and lays them out; every thread must call it.
 *
 * @param rounded memory for the rows of a matrix without negative values, with at most 65,535 columns in use
 * @returns number of columns in use
 */
export function layRounded(rounded: RoundedRows, divide: Divide): number {
  const { rows, matrix, order, blockStarts } = rounded;
  const { uses, largest, values, errors } = rounded.notes;
  const room = new KernelMemory(rounded.memory);
  const squares = room.float64(rounded.squares, rows);
  const blocks = largest.length;
  const inBlock = (block: number) => [block * BLOCK_ROWS, Math.min(rows, (block + 1) * BLOCK_ROWS)] as const;

  const usesHere = new Uint32Array(matrix.columns);
  divide(blocks, (block) => {
    largest[block] = sumSquares(matrix, ...inBlock(block), squares, usesHere);
    for (let column = 0; column < usesHere.length; column++) {
      if (usesHere[column] > 0) Atomics.add(uses, column, usesHere[column]);
    }
    usesHere.fill(0);
  });

  const longest = Math.sqrt(greatest(squares));
  const unit = Math.max(longest / LONGEST, greatest(largest) / LARGEST_OF_FOURS) || 1;
  divide(blocks, (block) => round(matrix, ...inBlock(block), unit, values, errors));

  const halves = room.int32(rounded.halves, rows);
  const slacks = room.int32(rounded.slacks, rows);
  const largestError = greatest(errors);
  const { numberOf, used } = byUse(uses);
  const whole = { starts: matrix.indptr, order, columns: matrix.indices, values, numberOf, used };
  const layer = new StepsLayer(room, rounded, { ...whole, largest: LARGEST_OF_FOURS }, blockStarts[blocks]);
  divide(blocks, (block) => {
    const [first, end] = inBlock(block);
    layer.lay(first, end, blockStarts[block]);
    for (let i = first; i < end; i++) {
      const length = Math.sqrt(squares[order[i]]) / unit;
      halves[i] = Math.round((length * length) / 2);
      slacks[i] = 2 * Math.ceil(errorOf(length, errors[order[i]], largestError));
    }
  });
  return used;
}

const greatest = (numbers: Float64Array | Float32Array) => {
  let most = 0;
  for (const number of numbers) if (number > most) most = number;
  return most;
};

/**
 * Sums the squares of rows `first` … `end` − 1, each in the order of its entries, and counts the uses of columns.
 *
 * @returns the largest value
 */
function sumSquares(
  { indptr, indices, values }: Csr,
  first: number,
  end: number,
  squares: Float64Array,
  uses: Uint32Array,
): number {
  let largest = 0;
  for (let i = first; i < end; i++) {
    let square = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      const value = values[e];
      if (!(value >= 0)) throw new Error(`Internal error: a value of ${value} among rows to be prefiltered`);
      if (value > largest) largest = value;
      square += value * value;
      uses[indices[e]]++;
    }
    squares[i] = square;
  }
  return largest;
}

function round(
  { indptr, values }: Csr,
  first: number,
  end: number,
  unit: number,
  rounded: Uint16Array,
  errors: Float64Array,
): void {
  const perUnit = 1 / unit;
  for (let i = first; i < end; i++) {
    let error = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      const inUnits = values[e] * perUnit;
      const whole = (inUnits + 0.5) | 0;
      error += (inUnits - whole) * (inUnits - whole);
      rounded[e] = whole;
    }
    errors[i] = Math.sqrt(error);
  }
}

/**
 * Error bound of half a squared distance from a row, in units². With x rounded to X, x·y − X·Y = x·(y − Y) + (x − X)·Y,
 * which is at most the sum of the products of lengths (Cauchy–Schwarz). Two halves are rounded as well, and distances
 * compared as 32-bit floats are equal when their squares are within 2^-22.
 */
function errorOf(length: number, error: number, largestError: number): number {
  const ofProducts = length * largestError + error * (LONGEST + largestError);
  const ofFloats = ((length + LONGEST) * (length + LONGEST)) / 2 / (1 << 21);
  return ofProducts + ofFloats + 2;
}

/** Returns the row numbers by ascending number of entries. */
function sparsestFirst({ rows, indptr }: Csr): Int32Array {
  const longest = indptr.reduce((n, _, i) => (i === 0 ? n : Math.max(n, indptr[i] - indptr[i - 1])), 0);
  const starts = new Uint32Array(longest + 2);
  for (let i = 0; i < rows; i++) starts[indptr[i + 1] - indptr[i] + 1]++;
  for (let n = 0; n <= longest; n++) starts[n + 1] += starts[n];
  const order = new Int32Array(new SharedArrayBuffer(rows * 4));
  for (let i = 0; i < rows; i++) order[starts[indptr[i + 1] - indptr[i]]++] = i;
  return order;
}
