/**
 * Columns of data frames and their elements: plain datasets, categories, and values with a mask. Checked as pandas does
 * when anndata reads them: codes within the categories, categories that differ and are not missing, masks as long as
 * their values.
 */
import { dataError, type OperationalError } from '../../../errors.ts';
import { encodingOf } from './encoding.ts';
import type { Hdf5File } from './hdf5.ts';
import { numberText } from './number-text.ts';

/** Column in memory. Missing: code −1, null, or NaN. */
export type Column =
  | { readonly kind: 'categorical'; readonly codes: Int32Array; readonly categories: string[] }
  | { readonly kind: 'string'; readonly values: (string | null)[] }
  | { readonly kind: 'boolean'; readonly values: (boolean | null)[] }
  | {
      readonly kind: 'integer';
      readonly values: Float64Array;
      /** All values as text, if some are beyond 2⁵³, where doubles are not exact. */
      readonly texts?: (string | null)[];
    }
  | {
      readonly kind: 'float';
      readonly values: Float64Array;
      /** True for values stored as 32-bit floats, which have fewer digits. */
      readonly isSingle?: true;
    };

export interface Frame {
  /** Path of the frame: 'obs', 'var', 'raw/var'. */
  readonly path: string;
  /** Number of rows, by its index. */
  readonly rows: number;
  /** Names of the columns, without the index. */
  readonly columns: readonly string[];
  index(): string[];
  /** Reads a column that exists. */
  column(name: string): Column;
  /**
   * Fails unless every column is there and has a value for each row, as far as it can be examined and is encoded in a
   * known way. Reads no values.
   */
  check(): void;
}

/** Values of a column as text; numbers as they print in Python, booleans as true and false. */
export function columnTexts(column: Column): (string | null)[] {
  switch (column.kind) {
    case 'categorical':
      return Array.from(column.codes, (code) => (code === -1 ? null : column.categories[code]));
    case 'string':
      return column.values;
    case 'boolean':
      return column.values.map((value) => (value === null ? null : String(value)));
    case 'integer':
      return (
        column.texts ?? Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value)))
      );
    case 'float':
      return Array.from(column.values, (value) =>
        Number.isNaN(value) ? null : numberText(value + 0, column.isSingle ?? false),
      );
  }
}

export const COLUMN_ENCODINGS = [
  'array',
  'string-array',
  'categorical',
  'nullable-integer',
  'nullable-boolean',
  'nullable-string-array',
];

/**
 * Reads an element of `rows` values.
 * @throws a data error if it has another number of values, or is encoded in another way
 */
export function readElement(file: Hdf5File, path: string, rows: number): Column {
  const found = elementRows(file, path);
  if (found !== undefined && found !== rows) throw wrongLength(file, path, found, rows);
  const encoding = encodingOf(file, path, COLUMN_ENCODINGS);
  if (file.kind(path) === 'dataset') {
    if (encoding !== undefined && !encoding.endsWith('array')) throw unknownEncoding(file, path, encoding);
    return readPlain(file, path);
  }
  if (encoding === 'categorical' || (encoding === undefined && file.kind(`${path}/codes`) !== undefined)) {
    const codes = readCodes(file, `${path}/codes`, rows);
    return categorical(file, path, codes, readCategories(file, `${path}/categories`));
  }
  if (
    encoding?.startsWith('nullable-') ||
    (encoding === undefined && file.kind(`${path}/mask`) !== undefined)
  ) {
    return readMasked(file, path, encoding);
  }
  throw unknownEncoding(file, path, encoding);
}

/** Number of values of an element, by its datasets' shapes; undefined if that cannot be told. */
export function elementRows(file: Hdf5File, path: string): number | undefined {
  const kind = file.kind(path);
  if (kind === 'dataset') {
    const { shape } = file.dataset(path);
    if (shape.length === 1) return shape[0];
    throw dataError(
      shape.length === 0 ? `${path} is a single value` : `${path} is an array of shape ${shape.join(' × ')}`,
      {
        expected: 'a column: one value for each row',
        where: file.path,
        hint: 'The file is inconsistent: write it again with anndata.',
      },
    );
  }
  const part = ['codes', 'values'].find((name) => file.kind(`${path}/${name}`) !== undefined);
  return kind === 'group' && part !== undefined ? elementRows(file, `${path}/${part}`) : undefined;
}

export const wrongLength = (file: Hdf5File, path: string, found: number, rows: number): OperationalError =>
  dataError(`${path} has ${found} values where ${rows} are asked for`, {
    expected: `one value for each of the ${rows} rows`,
    where: file.path,
    hint: 'The file is inconsistent: write it again with anndata.',
  });

const unknownEncoding = (file: Hdf5File, path: string, encoding: string | undefined) =>
  dataError(`the column ${path} has the unknown encoding ${JSON.stringify(encoding ?? null)}`, {
    expected: 'categorical, text, numbers, booleans, or one of the nullable kinds of anndata',
    where: file.path,
  });

/** Reads a dataset as a column. Levels of an enumeration are categories. */
function readPlain(file: Hdf5File, path: string): Column {
  const info = file.dataset(path);
  switch (info.class) {
    case 'string':
      return { kind: 'string', values: file.strings(path) };
    case 'integer':
      return { kind: 'integer', ...file.integers(path) };
    case 'float':
    case 'boolean':
    case 'enum':
      return plainColumn(file, path, info, Float64Array.from(file.numbers(path)));
    default:
      throw dataError(`the column ${path} holds ${info.dtype} values, which are not understood`, {
        where: file.path,
      });
  }
}

/** Converts stored numbers to their meaning: floats, booleans or levels. */
export function plainColumn(
  file: Hdf5File,
  path: string,
  type: { readonly class: string; readonly bytes: number; readonly levels?: ReadonlyMap<number, string> },
  values: Float64Array,
): Column {
  if (type.class === 'float') {
    return type.bytes === 4 ? { kind: 'float', values, isSingle: true } : { kind: 'float', values };
  }
  const levels = type.levels ?? new Map<number, string>();
  const stray = values.findIndex((value) => !levels.has(value));
  if (stray >= 0) {
    throw dataError(`${path} holds ${values[stray]} in row ${stray + 1}, which is none of its levels`, {
      expected: `one of ${[...levels].map(([value, name]) => `${value} (${name})`).join(', ')}`,
      where: file.path,
    });
  }
  if (type.class === 'boolean') {
    const means = (value: number) => ({ FALSE: false, TRUE: true })[levels.get(value) ?? ''] ?? null;
    return { kind: 'boolean', values: Array.from(values, means) };
  }
  const order = [...levels.keys()].sort((a, b) => a - b);
  const codeOf = new Map(order.map((value, code) => [value, code]));
  return {
    kind: 'categorical',
    codes: Int32Array.from(values, (value) => codeOf.get(value) as number),
    categories: order.map((value) => levels.get(value) as string),
  };
}

function readMasked(file: Hdf5File, path: string, encoding: string | undefined): Column {
  const column = readPlain(file, `${path}/values`);
  if (encoding !== undefined && encoding !== NULLABLE[column.kind]) {
    throw dataError(`${path} is encoded as ${encoding}, but its values are of the kind ${column.kind}`, {
      where: file.path,
      hint: 'The file is inconsistent: write it again with anndata.',
    });
  }
  const rows = elementRows(file, `${path}/values`) as number;
  const found = elementRows(file, `${path}/mask`);
  if (found !== rows) throw wrongLength(file, `${path}/mask`, found ?? 0, rows);
  const info = file.dataset(`${path}/mask`);
  const mask = file.numbers(`${path}/mask`);
  if (
    (info.class !== 'boolean' && info.class !== 'integer') ||
    !mask.every((bit) => bit === 0 || bit === 1)
  ) {
    throw dataError(`${path}/mask holds ${info.dtype} values that are no mask`, {
      expected: 'booleans, or 0 and 1',
      where: file.path,
    });
  }
  const unless = <T>(value: T, i: number) => (mask[i] === 0 ? value : null);
  switch (column.kind) {
    case 'string':
      return { kind: 'string', values: column.values.map(unless) };
    case 'boolean':
      return { kind: 'boolean', values: column.values.map(unless) };
    case 'integer':
      return {
        kind: 'integer',
        values: column.values.map((value, i) => (mask[i] === 0 ? value : Number.NaN)),
        ...(column.texts && { texts: column.texts.map(unless) }),
      };
    case 'float':
      return { ...column, values: column.values.map((value, i) => (mask[i] === 0 ? value : Number.NaN)) };
    case 'categorical':
      return { ...column, codes: column.codes.map((code, i) => (mask[i] === 0 ? code : -1)) };
  }
}

const NULLABLE: Readonly<Record<Column['kind'], string>> = {
  integer: 'nullable-integer',
  boolean: 'nullable-boolean',
  string: 'nullable-string-array',
  float: 'nullable-float',
  categorical: 'nullable-categorical',
};

/** Reads codes of categories: whole numbers, as pandas requires. */
export function readCodes(file: Hdf5File, path: string, rows: number): Column & { kind: 'integer' } {
  const column = readElement(file, path, rows);
  if (column.kind === 'integer' && !column.values.some(Number.isNaN)) return column;
  throw noCodes(file, path, file.kind(path) === 'dataset' ? file.dataset(path).dtype : column.kind);
}

export const noCodes = (file: Hdf5File, path: string, dtype: string): OperationalError =>
  dataError(`${path} holds ${dtype} values, which are no codes of categories`, {
    expected: 'integers: the number of the category, from 0, or −1 where it is missing',
    where: file.path,
    hint: 'Write the column again as categories: adata.obs[column] = adata.obs[column].astype("category")',
  });

const NO_MISSING =
  'Leave it out of the categories where the file is made: a missing value has the code −1, and no category.';
/**
 * Advice for a repeated category. pandas, and so anndata, refuses it too, so the advice must not rely on reading the file
 * with them.
 */
const JOIN =
  'Whether both mean the same cannot be told. Where the file is made, give them different names, or join them by writing the column as text: column.astype(str).astype("category") in Python, factor(as.character(column)) in R.';

/** Reads categories: text, or numbers or booleans that were made categories. They differ, and none is missing. */
export function readCategories(file: Hdf5File, path: string): string[] {
  const isScalar = file.kind(path) === 'dataset' && file.dataset(path).shape.length === 0;
  // Old files keep a single category as a single value.
  const column = isScalar ? readPlain(file, path) : readElement(file, path, elementRows(file, path) ?? 0);
  const texts = columnTexts(column);
  const refuse = (what: string, hint: string) =>
    dataError(`${path} ${what}`, { expected: 'categories that differ', where: file.path, hint });
  const missing = texts.indexOf(null);
  if (missing >= 0) throw refuse(`has no value for category ${missing + 1}`, NO_MISSING);
  const seen = new Set<string | null>();
  for (const text of texts) {
    if (seen.has(text)) throw refuse(`names the category ${JSON.stringify(text)} twice`, JOIN);
    seen.add(text);
  }
  return texts as string[];
}

/**
 * Column of categories.
 *
 * @throws a data error for a code that is neither −1 nor the number of a category
 */
export function categorical(
  file: Hdf5File,
  path: string,
  { values, texts }: Column & { kind: 'integer' },
  categories: string[],
): Column {
  const n = categories.length;
  const stray = values.findIndex((code) => !(code >= -1 && code < n));
  if (stray >= 0) {
    throw dataError(
      `${path} has the code ${texts?.[stray] ?? values[stray]} in row ${stray + 1}, but ${n} categories`,
      {
        expected: `codes from 0 to ${n - 1}, or −1 where the category is missing`,
        where: file.path,
        hint: values.every((code) => code >= 1 && code <= n)
          ? 'The codes seem to count from 1, as R does: the program that wrote the file must write them from 0.'
          : 'The file is inconsistent: write it again with anndata.',
      },
    );
  }
  return { kind: 'categorical', codes: Int32Array.from(values), categories };
}
