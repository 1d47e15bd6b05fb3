/** Shared logic of the readers of users' columnar files: which column names the rows, and which columns hold numbers. */
import { dataError } from '../../errors.ts';
import type { NamedRows } from '../files/named-rows.ts';

/** A column of a file, in chunks of consecutive rows. */
export interface SourceColumn {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'list' | 'other';
  readonly chunks: ArrayLike<unknown>[];
}

/** Names of columns that are taken for ids, in the order in which they are tried. */
const ID_COLUMNS = [
  'cell_id',
  'index',
  'barcode',
  '__index_level_0__',
  'obs_names',
  'cell',
  'gene_id',
  'gene',
];

/**
 * Combines columns to named rows. Throws a data error if there is no id column, an id is missing, or lists differ in
 * length.
 */
export function toNamedRows(columns: readonly SourceColumn[], rows: number, path: string): NamedRows {
  const idColumn = findIdColumn(columns, path);
  const used = columns.filter(
    (column) => column !== idColumn && (column.kind === 'number' || column.kind === 'list'),
  );
  const widths = used.map((column) => (column.kind === 'list' ? listWidth(column, path) : 1));
  const dims = widths.reduce((sum, width) => sum + width, 0);
  const values = new Float32Array(rows * dims);
  let d = 0;
  for (const [c, column] of used.entries()) {
    if (column.kind === 'list') fillLists(column, widths[c], values, d, dims, path);
    else fillNumbers(column, values, d, dims);
    d += widths[c];
  }
  return {
    ids: readIds(idColumn, path),
    idColumn: idColumn.name,
    columns: used.flatMap(({ name, kind }, c) =>
      kind === 'list' ? Array.from({ length: widths[c] }, (_, i) => `${name}_${i + 1}`) : [name],
    ),
    ignored: columns
      .filter((column) => column !== idColumn && !used.includes(column))
      .map(({ name }) => name),
    values,
  };
}

function findIdColumn(columns: readonly SourceColumn[], path: string): SourceColumn {
  for (const name of ID_COLUMNS) {
    const found = columns.find((column) => column.name.toLowerCase() === name && column.kind !== 'list');
    if (found !== undefined) return found;
  }
  const text = columns.find((column) => column.kind === 'text');
  if (text !== undefined) return text;
  throw dataError('the file has no column of ids', {
    where: path,
    expected: `a column named ${ID_COLUMNS.slice(0, 3).join(', ')}, or another column of text`,
    hint: `It has: ${columns.map(({ name }) => name).join(', ') || 'no columns'}`,
  });
}

function readIds(column: SourceColumn, path: string): string[] {
  const ids: string[] = [];
  for (const chunk of column.chunks) {
    for (let i = 0; i < chunk.length; i++) {
      const id = chunk[i];
      if (typeof id !== 'string' && typeof id !== 'number' && typeof id !== 'bigint') {
        throw dataError(`the id in row ${ids.length + 1} is missing`, {
          where: `${path}, column "${column.name}"`,
        });
      }
      ids.push(String(id));
    }
  }
  return ids;
}

const toNumber = (value: unknown): number =>
  value === null || value === undefined ? Number.NaN : Number(value);

function fillNumbers(column: SourceColumn, values: Float32Array, d: number, dims: number): void {
  let at = d;
  for (const chunk of column.chunks) {
    for (let i = 0; i < chunk.length; i++, at += dims) values[at] = toNumber(chunk[i]);
  }
}

function listWidth(column: SourceColumn, path: string): number {
  const first = column.chunks.find((chunk) => chunk.length > 0)?.[0];
  if (first !== null && first !== undefined) return (first as ArrayLike<unknown>).length;
  if (first === undefined && column.chunks.every((chunk) => chunk.length === 0)) return 0;
  throw dataError('the list in row 1 is missing', { where: `${path}, column "${column.name}"` });
}

function fillLists(
  column: SourceColumn,
  width: number,
  values: Float32Array,
  d: number,
  dims: number,
  path: string,
): void {
  let row = 0;
  for (const chunk of column.chunks) {
    for (let i = 0; i < chunk.length; i++, row++) {
      const list = chunk[i] as ArrayLike<unknown> | null | undefined;
      if (list?.length !== width) {
        throw dataError(`the list in row ${row + 1} ${list ? `has ${list.length} values` : 'is missing'}`, {
          where: `${path}, column "${column.name}"`,
          expected: `${width} values, as in row 1`,
        });
      }
      for (let j = 0; j < width; j++) values[row * dims + d + j] = toNumber(list[j]);
    }
  }
}
