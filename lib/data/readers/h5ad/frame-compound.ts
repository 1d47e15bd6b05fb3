/** Data frames of anndata 0.6 and before: one compound dataset, its categories under uns. */
import { dataError } from '../../../errors.ts';
import { type Column, categorical, columnTexts, type Frame, plainColumn, readCategories } from './column.ts';
import type { Hdf5File } from './hdf5.ts';

export function compoundFrame(file: Hdf5File, path: string): Frame {
  const { fields, shape, class: kind, dtype } = file.dataset(path);
  if (kind !== 'compound' || shape.length !== 1) {
    throw dataError(`${path} is an array of ${dtype} values, not a data frame`, {
      expected: 'a group of columns, or a table of anndata before 0.7',
      where: file.path,
    });
  }
  const indexField = ['index', '_index'].find((name) => fields.includes(name)) ?? fields[0];
  const column = (name: string): Column => {
    const { type, values, texts } = file.field(path, name);
    if (Array.isArray(values)) return { kind: 'string', values };
    if (type.class !== 'integer') return plainColumn(file, `${path}, field ${name}`, type, values);
    const integers = { kind: 'integer', values, ...(texts && { texts }) } as const;
    const categories = `uns/${name}_categories`;
    if (name === indexField || file.kind(categories) === undefined) return integers;
    return categorical(file, `${path}, field ${name}`, integers, readCategories(file, categories));
  };
  return {
    path,
    rows: shape[0],
    columns: fields.filter((name) => name !== indexField),
    index: () => columnTexts(column(indexField)).map((id) => id ?? 'nan'),
    column,
    // A compound dataset has a value of every field in each row.
    check: () => {},
  };
}
