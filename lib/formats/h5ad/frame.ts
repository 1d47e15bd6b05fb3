/**
 * The data frames obs and var, in every form that anndata has written: a group of columns (0.7 and later), with
 * categories beside (0.8) or under `__categories` (0.7), or one compound dataset with categories under uns (0.6
 * and before).
 */
import { dataError } from '../../errors.ts';
import type { Hdf5File } from './hdf5.ts';

/** A column in memory. Missing: code −1, null, or NaN. */
export type Column =
  | { readonly kind: 'categorical'; readonly codes: Int32Array; readonly categories: string[] }
  | { readonly kind: 'string'; readonly values: (string | null)[] }
  | { readonly kind: 'boolean'; readonly values: (boolean | null)[] }
  | { readonly kind: 'integer' | 'float'; readonly values: Float64Array };

export interface Frame {
  /** Where it lies: 'obs', 'var', 'raw/var'. */
  readonly path: string;
  /** Names of the columns, without the index. */
  readonly columns: readonly string[];
  index(): string[];
  /** A column that exists. */
  column(name: string): Column;
}

/** Opens a data frame; undefined if there is nothing at the path. */
export function openFrame(file: Hdf5File, path: string): Frame | undefined {
  switch (file.kind(path)) {
    case 'group':
      return groupFrame(file, path);
    case 'dataset':
      return compoundFrame(file, path);
    default:
      return undefined;
  }
}

/** The values of a column as text; numbers as they print, booleans as true and false. */
export function columnTexts(column: Column): (string | null)[] {
  switch (column.kind) {
    case 'categorical':
      return Array.from(column.codes, (code) => column.categories[code] ?? null);
    case 'string':
      return column.values;
    case 'boolean':
      return column.values.map((value) => (value === null ? null : String(value)));
    default:
      return Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value)));
  }
}

function groupFrame(file: Hdf5File, path: string): Frame {
  const keys = file.keys(path);
  const named = file.attribute(path, '_index');
  const indexKey = [typeof named === 'string' ? named : undefined, '_index', 'index'].find(
    (key) => key !== undefined && keys.includes(key),
  );
  const order = file.attribute(path, 'column-order');
  const listed = Array.isArray(order)
    ? order.filter((name): name is string => typeof name === 'string')
    : keys;
  const columns = listed.filter(
    (name) => name !== indexKey && name !== '__categories' && file.kind(`${path}/${name}`) !== undefined,
  );
  return {
    path,
    columns,
    index() {
      if (indexKey === undefined) {
        throw dataError(`${path} has no index`, {
          expected: `the attribute _index of ${path} naming one of its columns`,
          where: file.path,
          hint: 'Write the file again with anndata.',
        });
      }
      return columnTexts(readColumn(file, path, indexKey)).map((id) => id ?? '');
    },
    column: (name) => readColumn(file, path, name),
  };
}

function readColumn(file: Hdf5File, frame: string, name: string): Column {
  const path = `${frame}/${name}`;
  if (file.kind(path) === 'dataset') {
    const legacy = `${frame}/__categories/${name}`;
    if (file.kind(legacy) === 'dataset') return categorical(file.numbers(path), readCategories(file, legacy));
    return plainColumn(file, path);
  }
  const encoding = file.attribute(path, 'encoding-type');
  if (encoding === 'categorical' || file.kind(`${path}/categories`) === 'dataset') {
    return categorical(file.numbers(`${path}/codes`), readCategories(file, `${path}/categories`));
  }
  if (file.kind(`${path}/values`) === 'dataset' && file.kind(`${path}/mask`) === 'dataset') {
    return masked(plainColumn(file, `${path}/values`), file.numbers(`${path}/mask`));
  }
  throw dataError(`the column ${path} has the unknown encoding ${JSON.stringify(encoding ?? null)}`, {
    expected: 'categorical, text, numbers, booleans, or one of the nullable kinds of anndata',
    where: file.path,
  });
}

function plainColumn(file: Hdf5File, path: string): Column {
  const info = file.dataset(path);
  switch (info.class) {
    case 'string':
      return { kind: 'string', values: file.strings(path) };
    case 'boolean':
      return { kind: 'boolean', values: Array.from(file.numbers(path), (value) => value !== 0) };
    case 'integer':
    case 'float':
      return { kind: info.class, values: Float64Array.from(file.numbers(path)) };
    default:
      throw dataError(`the column ${path} holds ${info.dtype} values, which are not understood`, {
        where: file.path,
      });
  }
}

function masked(column: Column, mask: ArrayLike<number>): Column {
  switch (column.kind) {
    case 'string':
      return { kind: 'string', values: column.values.map((value, i) => (mask[i] === 0 ? value : null)) };
    case 'boolean':
      return { kind: 'boolean', values: column.values.map((value, i) => (mask[i] === 0 ? value : null)) };
    case 'integer':
    case 'float':
      return {
        kind: column.kind,
        values: column.values.map((value, i) => (mask[i] === 0 ? value : Number.NaN)),
      };
    case 'categorical':
      return column;
  }
}

const categorical = (codes: ArrayLike<number>, categories: string[]): Column => ({
  kind: 'categorical',
  codes: Int32Array.from(codes),
  categories,
});

/** Categories are text, or numbers or booleans that were made categories. */
const readCategories = (file: Hdf5File, path: string): string[] =>
  columnTexts(plainColumn(file, path)).map((category) => category ?? '');

function compoundFrame(file: Hdf5File, path: string): Frame {
  const { fields } = file.dataset(path);
  const indexField = ['index', '_index'].find((name) => fields.includes(name)) ?? fields[0];
  return {
    path,
    columns: fields.filter((name) => name !== indexField),
    index() {
      const { values } = file.field(path, indexField);
      return Array.from(values as ArrayLike<string | number>, String);
    },
    column(name) {
      const { class: kind, values } = file.field(path, name);
      if (Array.isArray(values)) return { kind: 'string', values };
      const categories = `uns/${name}_categories`;
      if (kind === 'integer' && file.kind(categories) === 'dataset') {
        return categorical(values, readCategories(file, categories));
      }
      if (kind === 'boolean') return { kind, values: Array.from(values, (value) => value !== 0) };
      return { kind: kind === 'integer' ? 'integer' : 'float', values };
    },
  };
}
