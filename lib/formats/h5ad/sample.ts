/** A sample of a matrix's values, to tell what they look like without reading all of it. */
import type { Hdf5File, Numbers } from './hdf5.ts';
import type { Matrix } from './matrix.ts';
import { storedRows } from './rows.ts';
import { judgeValues, type ValueLook } from './values.ts';

const STRETCHES = 6;
const ROWS = 40;
const COLUMN_ENTRIES = 1 << 18;

/** Looks at a few stretches of cells, from the first to the last. */
export function lookAt(file: Hdf5File, matrix: Matrix): ValueLook {
  if (matrix.layout === 'csc') return judgeValues(columnSample(file, matrix), false);
  const rows: Numbers[] = [];
  const step = matrix.rows / STRETCHES;
  for (let s = 0; s < (matrix.rows <= STRETCHES * ROWS ? 1 : STRETCHES); s++) {
    const from = Math.floor(s * step);
    const to = matrix.rows <= STRETCHES * ROWS ? matrix.rows : Math.min(matrix.rows, from + ROWS);
    for (const block of storedRows(file, matrix, from, to)) {
      for (let row = 0; row < block.rows; row++) {
        rows.push(block.values.slice(block.indptr[row], block.indptr[row + 1]));
      }
    }
  }
  return judgeValues(rows, true);
}

/** Cells lie scattered in a matrix by column, so here it is stretches of entries. */
function columnSample(file: Hdf5File, matrix: Matrix): Numbers[] {
  const stored = matrix.stored ?? 0;
  const path = `${matrix.path}/data`;
  if (stored <= STRETCHES * COLUMN_ENTRIES) return [file.numbers(path)];
  return Array.from({ length: STRETCHES }, (_, s) => {
    const from = Math.floor((s * stored) / STRETCHES);
    return file.numbers(path, from, from + COLUMN_ENTRIES);
  });
}
