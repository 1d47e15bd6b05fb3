/** Sample of a matrix's values, to recognise their kind without reading all of them. */
import { OperationalError } from '../../../errors.ts';
import { isCount } from './counts.ts';
import type { Hdf5File, Numbers } from './hdf5.ts';
import { type Matrix, readIndptr } from './matrix.ts';
import { restrictRows } from './restrict.ts';
import { meantValues, storedRows } from './rows.ts';
import { judgeValues, type ValueLook } from './values.ts';

/** Number of stretches, from the first cells to the last: files are often several data sets one after the other. */
const STRETCHES = 12;
const ROWS = 20;
const COLUMN_ENTRIES = 1 << 17;

export interface Sample extends ValueLook {
  /** First value of the sample that is missing or infinite or, without one, the first that is no count. */
  readonly offender?: { readonly row: number; readonly column: number; readonly value: number };
  /** Share of entries in the sample that are not zero. */
  readonly density: number;
  /** Totals of the sampled cells; the same cells in every matrix of a file. Absent for a matrix by column. */
  readonly totals?: readonly number[];
}

/**
 * Examines stretches of cells, from the first to the last. Where these hold only zeros, the whole matrix is passed until
 * there is another value.
 *
 * @param place the place of each column among those that count, or −1; all count if absent
 */
export function lookAt(file: Hdf5File, matrix: Matrix, place?: Int32Array): Sample {
  if (matrix.problem !== undefined) throw matrix.problem;
  const sample =
    matrix.layout === 'csc' ? lookAtColumns(file, matrix, place) : lookAtRows(file, matrix, place);
  if (sample.look !== 'empty' || matrix.stored === 0) return sample;
  return lookFurther(file, matrix, place) ?? sample;
}

/** Examines the first rows with a value that is not zero, from anywhere in the matrix. */
function lookFurther(file: Hdf5File, matrix: Matrix, place?: Int32Array): Sample | undefined {
  for (const stored of storedRows(file, matrix)) {
    const { start, rows, indptr, indices, values } = restrictRows(stored, place);
    if (values.every((value) => value === 0)) continue;
    const sample = Array.from({ length: rows }, (_, row) => values.slice(indptr[row], indptr[row + 1]));
    const at = findOffender(values, undefined);
    const row = start + indptr.findIndex((end) => end > at) - 1;
    const offender = at < 0 ? undefined : { row, column: columnAt(indices[at], place), value: values[at] };
    return { ...judgeValues(sample, true), offender, density: values.length / (rows * matrix.columns) };
  }
  return undefined;
}

function lookAtRows(file: Hdf5File, matrix: Matrix, place?: Int32Array): Sample {
  const sample: Numbers[] = [];
  let offender: Sample['offender'];
  let stored = 0;
  const isSmall = matrix.rows <= STRETCHES * ROWS;
  for (let s = 0; s < (isSmall ? 1 : STRETCHES); s++) {
    const from = Math.floor((s * (matrix.rows - ROWS)) / (STRETCHES - 1));
    const [first, to] = isSmall ? [0, matrix.rows] : [from, from + ROWS];
    for (const block of storedRows(file, matrix, first, to)) {
      const { start, rows, indptr, indices, values } = restrictRows(block, place);
      for (let row = 0; row < rows; row++) sample.push(values.slice(indptr[row], indptr[row + 1]));
      stored += indptr[rows];
      const at = findOffender(values, offender);
      if (at >= 0) {
        const row = start + indptr.findIndex((end) => end > at) - 1;
        offender = { row, column: columnAt(indices[at], place), value: values[at] };
      }
    }
  }
  return {
    ...judgeValues(sample, true),
    offender,
    density: stored / Math.max(1, sample.length * matrix.columns),
    totals: sample.map(totalOf),
  };
}

/** True if a matrix other than the chosen one looks like counts; one that cannot be read does not. */
export function looksLikeCounts(file: Hdf5File, matrix: Matrix): boolean {
  try {
    return matrix.rows > 0 && matrix.columns > 0 && lookAt(file, matrix).look === 'counts';
  } catch (error) {
    if (error instanceof OperationalError) return false;
    throw error;
  }
}

/** Examines stretches of entries: in a matrix by column, the entries of a cell lie scattered. */
function lookAtColumns(file: Hdf5File, matrix: Matrix, place?: Int32Array): Sample {
  const stored = matrix.stored ?? 0;
  const stretches = stored <= STRETCHES * COLUMN_ENTRIES ? 1 : STRETCHES;
  const length = stretches === 1 ? stored : COLUMN_ENTRIES;
  const sample: Numbers[] = [];
  let offender: Sample['offender'];
  for (let s = 0; s < stretches; s++) {
    const from = stretches === 1 ? 0 : Math.floor((s * (stored - length)) / (stretches - 1));
    const all = meantValues(matrix, file.numbers(`${matrix.path}/data`, from, from + length));
    const values = place === undefined ? all : withPlace(all, from, readIndptr(file, matrix), place);
    sample.push(values);
    const at = findOffender(values, offender);
    if (at >= 0) {
      const entry = from + at;
      const column = readIndptr(file, matrix).findIndex((end) => end > entry) - 1;
      const [row] = file.numbers(`${matrix.path}/indices`, entry, entry + 1);
      offender = { row, column, value: values[at] };
    }
  }
  return { ...judgeValues(sample, false), offender, density: stored / (matrix.rows * matrix.columns) };
}

function totalOf(values: Numbers): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Column of the file that has a place. */
const columnAt = (to: number, place: Int32Array | undefined) =>
  place === undefined ? to : place.indexOf(to);

/** Entries of a matrix by column from `from` on; those of columns that do not count become zeros. */
function withPlace(values: Numbers, from: number, indptr: Float64Array, place: Int32Array): Numbers {
  const kept = values.slice();
  let column = 0;
  for (let i = 0; i < kept.length; i++) {
    while (indptr[column + 1] <= from + i) column++;
    if (place[column] < 0) kept[i] = 0;
  }
  return kept;
}

/**
 * Index of a value worse than the known one; −1 if there is none. A value that is not finite is worse than one that is no
 * count.
 */
function findOffender(values: Numbers, known: Sample['offender']): number {
  if (known !== undefined && !Number.isFinite(known.value)) return -1;
  const notFinite = values.findIndex((value) => !Number.isFinite(value));
  return notFinite >= 0 || known !== undefined ? notFinite : values.findIndex((value) => !isCount(value));
}
