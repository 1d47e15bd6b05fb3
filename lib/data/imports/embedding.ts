/**
 * Coordinates from a user's file: an embedding (a row per cell) or a matrix of gene vectors (a row per gene). The ids and
 * the numbers are found by format:
 *
 * - .csv, .tsv (also .gz): the first column is the id, the first line a header
 * - .parquet, .arrow, .feather: the id is a column named as in ID_COLUMNS, else the first column of text
 * - .npy: no ids; rows are in the order of the cells
 *
 * The choice of the columns that are dimensions is in dimensions.ts. A list column counts as many as its lists are long.
 */
import { stat } from 'node:fs/promises';
import { dataError, OperationalError } from '../../errors.ts';
import { readDelimited } from '../files/delimited.ts';
import type { NamedRows } from '../files/named-rows.ts';
import { readNpy } from '../files/npy.ts';
import { readArrowRows } from './arrow.ts';
import { chooseDimensions } from './dimensions.ts';
import { readParquetRows } from './parquet.ts';

export interface ImportedEmbedding {
  readonly path: string;
  /** Ids of the cells; undefined for a file that has none (.npy). */
  readonly cellIds: string[] | undefined;
  readonly rows: number;
  readonly dims: number;
  /**
   * Coordinates, row-major, rows × dims. Not checked: `alignEmbedding` refuses values that are not finite in the rows it
   * takes.
   */
  readonly values: Float32Array;
  /** Names of the dimensions. */
  readonly columns: string[];
  /** Columns that were left out, since they hold no numbers. */
  readonly ignored: string[];
  /** Columns of numbers that are no dimensions. */
  readonly leftOut: string[];
}

const ENDINGS = '.npy, .csv, .tsv (also .gz), .parquet, .arrow or .feather';

/**
 * Reads a file of coordinates.
 *
 * @param wanted names of the columns that are dimensions; if absent, dimensions are recognised by their names
 */
export async function readImportedEmbedding(
  path: string,
  wanted?: readonly string[],
): Promise<ImportedEmbedding> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw dataError('no such file', { where: path, expected: ENDINGS });
  const name = path.toLowerCase();
  if (name.endsWith('.npy')) {
    const { rows, columns: dims, values } = await readNpy(path);
    if (wanted !== undefined) {
      throw dataError('the columns of a .npy file have no names', {
        where: path,
        expected: 'no `columns`: every column of a .npy file is a dimension',
      });
    }
    const columns = Array.from({ length: dims }, (_, d) => `d${d + 1}`);
    return { path, cellIds: undefined, rows, dims, values, columns, ignored: [], leftOut: [] };
  }
  const { ids, columns, ignored, values } = await readNamedRows(path, name).catch((cause) => {
    if (cause instanceof OperationalError) throw cause;
    throw dataError('the file cannot be read', { where: path, hint: String(cause?.message), cause });
  });
  if (columns.length === 0) {
    throw dataError('the file has no columns of numbers', {
      where: path,
      expected: 'a column of ids and one or more columns of numbers',
      hint: ignored.length === 0 ? undefined : `It has: ${ignored.join(', ')}`,
    });
  }
  return withDimensions({ path, cellIds: ids, rows: ids.length, values, columns, ignored }, wanted);
}

/** Restricts named rows of numbers to the columns that are dimensions. */
export function withDimensions(
  table: Omit<ImportedEmbedding, 'dims' | 'leftOut'>,
  wanted: readonly string[] | undefined,
): ImportedEmbedding {
  const { rows, columns, values } = table;
  const { places, leftOut } = chooseDimensions(table, wanted);
  const dims = places.length;
  const isAll = leftOut.length === 0 && places.every((place, d) => place === d);
  if (isAll) return { ...table, dims, leftOut };
  const kept = new Float32Array(rows * dims);
  for (let row = 0; row < rows; row++) {
    for (let d = 0; d < dims; d++) kept[row * dims + d] = values[row * columns.length + places[d]];
  }
  return { ...table, dims, values: kept, columns: places.map((place) => columns[place]), leftOut };
}

function readNamedRows(path: string, name: string): Promise<NamedRows> {
  if (/\.csv(\.gz)?$/.test(name)) return readDelimited(path, ',');
  if (/\.(tsv|txt)(\.gz)?$/.test(name)) return readDelimited(path, '\t');
  if (name.endsWith('.parquet')) return readParquetRows(path);
  if (/\.(arrow|feather|ipc)$/.test(name)) return readArrowRows(path);
  throw dataError('the kind of file is not known from its name', { where: path, expected: ENDINGS });
}

/**
 * Coordinates of the wanted cells in their order, wanted.length × dims. A file without ids must have a row for each of
 * `allCellIds` (all cells of the source; by default the wanted ones), in that order. Throws data errors: cells that the
 * file lacks (how many, which), an id that stands there twice, values that are not finite.
 */
export function alignEmbedding(
  imported: ImportedEmbedding,
  wanted: readonly string[],
  allCellIds: readonly string[] = wanted,
): Float32Array {
  const { path, dims, rows, values } = imported;
  let ids: readonly string[];
  if (imported.cellIds === undefined) {
    if (rows !== allCellIds.length) {
      throw dataError(`the file has ${rows} rows and no cell ids`, {
        where: path,
        expected: `${allCellIds.length} rows, one for each cell and in their order`,
        hint: 'Or use a .csv, .parquet or .arrow file with a column cell_id.',
      });
    }
    ids = allCellIds;
  } else {
    ids = imported.cellIds;
  }
  const rowOf = rowsById(ids, wanted, path);
  const aligned = new Float32Array(wanted.length * dims);
  for (let i = 0; i < wanted.length; i++) {
    const row = rowOf[i];
    for (let d = 0; d < dims; d++) {
      const value = values[row * dims + d];
      if (!Number.isFinite(value)) {
        throw dataError(
          `the value of "${wanted[i]}" in column "${imported.columns[d]}" is ${nameOf(value)}`,
          {
            where: `${path}, row ${row + 1}`,
            expected: 'a finite number (within the range of float32)',
          },
        );
      }
      aligned[i * dims + d] = value;
    }
  }
  return aligned;
}

const nameOf = (value: number) => (Number.isNaN(value) ? 'missing (NaN or empty)' : String(value));

/** Notes on an imported embedding for the user, in sentences. */
export function importNotes(
  { cellIds, columns, leftOut, ignored }: ImportedEmbedding,
  allCellIds: readonly string[],
): string[] {
  const notes: string[] = [];
  if (cellIds === undefined) {
    notes.push(
      'the file has no cell ids: its rows were taken for the cells of the dataset in their order, as the config says, and nothing here can tell if they are',
    );
  } else {
    const known = new Set(allCellIds);
    const own = new Set(cellIds);
    const extra = cellIds.filter((id) => !known.has(id));
    const lacking = allCellIds.filter((id) => !own.has(id));
    if (extra.length > 0) {
      notes.push(
        `${extra.length} rows of the file, such as "${extra[0]}", are no cell of the dataset, and were left out`,
      );
    }
    if (lacking.length > 0) {
      notes.push(
        `${lacking.length} cells of the dataset, such as "${lacking[0]}", are not in the file; none of them was sampled`,
      );
    }
  }
  const others = [...leftOut, ...ignored];
  if (others.length > 0) {
    notes.push(
      `${columns.length} columns are dimensions (${columns[0]} … ${columns[columns.length - 1]}); left out: ${others.slice(0, 12).join(', ')}${others.length > 12 ? ` and ${others.length - 12} more` : ''}`,
    );
  }
  return notes;
}

/** Row of each wanted id. A repeated id is refused, wanted or not: then no row can be trusted. */
function rowsById(ids: readonly string[], wanted: readonly string[], path: string): Int32Array {
  const byId = new Map<string, number>();
  for (let row = 0; row < ids.length; row++) {
    const before = byId.get(ids[row]);
    if (before !== undefined) {
      throw dataError(`the id "${ids[row]}" stands in rows ${before + 1} and ${row + 1}`, {
        where: path,
        expected: 'one row for each id',
      });
    }
    byId.set(ids[row], row);
  }
  const missing = wanted.filter((id) => !byId.has(id));
  if (missing.length > 0) {
    const some = (list: readonly string[]) =>
      `${list
        .slice(0, 3)
        .map((id) => `"${id}"`)
        .join(', ')}${list.length > 3 ? ', …' : ''}`;
    throw dataError(
      `${missing.length} of the ${wanted.length} wanted ids are not in the file: ${some(missing)}`,
      {
        where: path,
        expected: 'a row for each of them',
        hint: ids.length === 0 ? 'The file has no rows.' : `Ids in the file look like this: ${some(ids)}`,
      },
    );
  }
  return Int32Array.from(wanted, (id) => byId.get(id) as number);
}
