/** Data frames of anndata 0.6 and before: one compound dataset, its categories under uns. */
import { dataError } from '../../../errors.ts';
import {
  type Column,
  categorical,
  columnTexts,
  type Frame,
  noCodes,
  plainColumn,
  readCategories,
} from './column.ts';
import type { Hdf5File } from './hdf5.ts';

export function compoundFrame(file: Hdf5File, path: string): Frame {
  const { fields, shape, class: kind, dtype } = file.dataset(path);
  if (kind !== 'compound' || shape.length !== 1) {
    throw dataError(`${path} is an array of ${dtype} values, not a data frame`, {
      expected: 'a group of columns, or a table of anndata before 0.7',
      where: file.path,
    });
  }
  // The first field names the rows, whatever it and the others are called: so anndata reads such tables.
  const [indexField, ...columns] = fields;
  return {
    path,
    rows: shape[0],
    columns,
    index: () => columnTexts(readField(file, path, indexField)).map((id) => id ?? 'nan'),
    column: (name) => readColumn(file, path, name),
    // A compound dataset has a value of every field in each row.
    check: () => {},
  };
}

/** A field as a column: codes, if uns has categories for it. */
function readColumn(file: Hdf5File, path: string, name: string): Column {
  const column = readField(file, path, name);
  const categories = `uns/${name}_categories`;
  if (file.kind(categories) === undefined) return column;
  const where = `${path}, field ${name}`;
  if (column.kind !== 'integer') throw noCodes(file, where, column.kind);
  return categorical(file, where, column, readCategories(file, categories));
}

function readField(file: Hdf5File, path: string, name: string): Column {
  const { type, values, texts } = file.field(path, name);
  if (Array.isArray(values)) return { kind: 'string', values };
  if (type.class !== 'integer') return plainColumn(file, `${path}, field ${name}`, type, values);
  return { kind: 'integer', values, ...(texts && { texts }) };
}
