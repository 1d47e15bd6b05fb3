/** A sample of a matrix's values, to tell what they look like without reading all of it. */
import { RankloomError } from '../../errors.ts';
import { isCount } from './counts.ts';
import type { Hdf5File, Numbers } from './hdf5.ts';
import { type Matrix, readIndptr } from './matrix.ts';
import { storedRows } from './rows.ts';
import { judgeValues, type ValueLook } from './values.ts';

const STRETCHES = 6;
const ROWS = 40;
const COLUMN_ENTRIES = 1 << 18;

export interface Sample extends ValueLook {
  /** The first value of the sample that is missing or infinite or else, the first that is no count. */
  readonly offender?: { readonly row: number; readonly column: number; readonly value: number };
  /** Share of entries that are not zero, in the sample. */
  readonly density: number;
}

/** Looks at a few stretches of cells, from the first to the last. */
export function lookAt(file: Hdf5File, matrix: Matrix): Sample {
  if (matrix.problem !== undefined) throw matrix.problem;
  return matrix.layout === 'csc' ? lookAtColumns(file, matrix) : lookAtRows(file, matrix);
}

function lookAtRows(file: Hdf5File, matrix: Matrix): Sample {
  const sample: Numbers[] = [];
  let offender: Sample['offender'];
  let stored = 0;
  const isSmall = matrix.rows <= STRETCHES * ROWS;
  for (let s = 0; s < (isSmall ? 1 : STRETCHES); s++) {
    const from = Math.floor((s * matrix.rows) / STRETCHES);
    const to = isSmall ? matrix.rows : from + ROWS;
    for (const { start, rows, indptr, indices, values } of storedRows(file, matrix, from, to)) {
      for (let row = 0; row < rows; row++) sample.push(values.slice(indptr[row], indptr[row + 1]));
      stored += indptr[rows];
      const at = findOffender(values, offender);
      if (at >= 0) {
        const row = start + indptr.findIndex((end) => end > at) - 1;
        offender = { row, column: indices[at], value: values[at] };
      }
    }
  }
  return {
    ...judgeValues(sample, true),
    offender,
    density: stored / Math.max(1, sample.length * matrix.columns),
  };
}

/** True if a matrix that is only looked at beside another looks like counts; one that cannot be read does not. */
export function looksLikeCounts(file: Hdf5File, matrix: Matrix): boolean {
  try {
    return matrix.rows > 0 && matrix.columns > 0 && lookAt(file, matrix).look === 'counts';
  } catch (error) {
    if (error instanceof RankloomError) return false;
    throw error;
  }
}

/** Cells lie scattered in a matrix by column, so here it is stretches of entries. */
function lookAtColumns(file: Hdf5File, matrix: Matrix): Sample {
  const stored = matrix.stored ?? 0;
  const stretches = stored <= STRETCHES * COLUMN_ENTRIES ? 1 : STRETCHES;
  const length = stretches === 1 ? stored : COLUMN_ENTRIES;
  const sample: Numbers[] = [];
  let offender: Sample['offender'];
  for (let s = 0; s < stretches; s++) {
    const from = Math.floor((s * stored) / stretches);
    const values = file.numbers(`${matrix.path}/data`, from, from + length);
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

/** Where a worse value stands than the one known; −1 if nowhere. No number at all is worse than no count. */
function findOffender(values: Numbers, known: Sample['offender']): number {
  if (known !== undefined && !Number.isFinite(known.value)) return -1;
  const notFinite = values.findIndex((value) => !Number.isFinite(value));
  return notFinite >= 0 || known !== undefined ? notFinite : values.findIndex((value) => !isCount(value));
}
