/**
 * Data frames obs and var, in every form that anndata has written: a group of columns (0.7 and later), with categories
 * beside (0.8) or under `__categories` (0.7), or one compound dataset with categories under uns (0.6 and before).
 */
import { dataError } from '../../../errors.ts';
import {
  COLUMN_ENCODINGS,
  columnTexts,
  elementRows,
  type Frame,
  readElement,
  wrongLength,
} from './column.ts';
import { encodingOf } from './encoding.ts';
import { compoundFrame } from './frame-compound.ts';
import { readLegacyColumn } from './frame-legacy.ts';
import type { Hdf5File } from './hdf5.ts';
import { unlessRefused } from './hdf5-errors.ts';

export { type Column, columnTexts, type Frame } from './column.ts';

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

function groupFrame(file: Hdf5File, path: string): Frame {
  encodingOf(file, path, ['dataframe']);
  const indexKey = findIndex(file, path);
  const columns = listColumns(file, path, indexKey);
  const rows = elementRows(file, `${path}/${indexKey}`);
  if (rows === undefined) throw noIndex(file, path, `${indexKey} cannot be one`);
  return {
    path,
    rows,
    columns,
    index() {
      const ids = columnTexts(readElement(file, `${path}/${indexKey}`, rows));
      const missing = ids.indexOf(null);
      if (missing < 0) return ids as string[];
      throw dataError(`the index of ${path} is missing in row ${missing + 1}`, {
        expected: 'a name for each row',
        where: `${file.path}: ${path}/${indexKey}`,
      });
    },
    column: (name) => readLegacyColumn(file, path, name, rows) ?? readElement(file, `${path}/${name}`, rows),
    check() {
      for (const name of columns) {
        const column = `${path}/${name}`;
        if (unlessRefused(() => file.kind(column) ?? 'absent') === 'absent') {
          throw dataError(`${path} lists the column ${JSON.stringify(name)}, which is not there`, {
            expected: `a column for each name in the attribute column-order of ${path}`,
            where: file.path,
            hint: 'The file is incomplete: write it again with anndata.',
          });
        }
        const found = rowsIfKnown(file, column);
        if (found !== undefined && found !== rows) throw wrongLength(file, column, found, rows);
      }
    },
  };
}

/**
 * Number of values of a column that may never be read: its first dimension. Undefined if it is encoded in an unknown way,
 * if it is a single value (which pandas repeats in each row) or None, or if it cannot be examined.
 */
function rowsIfKnown(file: Hdf5File, path: string): number | undefined {
  return unlessRefused(() => {
    const encoding = encodingOf(file, path, COLUMN_ENCODINGS);
    const parts = encoding === 'categorical' ? ['codes'] : encoding ? ['values'] : ['codes', 'values'];
    const isGroup = file.kind(path) === 'group';
    const part = isGroup ? parts.find((name) => file.kind(`${path}/${name}`) !== undefined) : undefined;
    if (isGroup && part === undefined) return undefined;
    const { shape, isNull } = file.dataset(part === undefined ? path : `${path}/${part}`);
    return isNull ? undefined : shape[0];
  });
}

/** Name of the index: the one in the attribute _index, else a dataset of the usual name. */
function findIndex(file: Hdf5File, path: string): string {
  const named = file.scalarAttribute(path, '_index');
  if (named === undefined) {
    const usual = ['_index', 'index'].find((key) => file.kind(`${path}/${key}`) !== undefined);
    if (usual !== undefined) return usual;
    throw noIndex(file, path, 'it does not say which column that is');
  }
  if (typeof named === 'string' && named !== '' && file.kind(`${path}/${named}`) !== undefined) return named;
  throw noIndex(file, path, `it names ${JSON.stringify(named)}, which is not there`);
}

const noIndex = (file: Hdf5File, path: string, why: string) =>
  dataError(`${path} has no index: ${why}`, {
    expected: `the attribute _index of ${path} naming one of its columns`,
    where: file.path,
    hint: 'Write the file again with anndata.',
  });

/** Lists the columns in order: those in column-order, else all in the group. */
function listColumns(file: Hdf5File, path: string, indexKey: string): string[] {
  const order = file.attribute(path, 'column-order');
  if (order === undefined) {
    return file.keys(path).filter((name) => name !== indexKey && name !== '__categories');
  }
  const listed = typeof order === 'string' ? [order] : order;
  if (Array.isArray(listed) && listed.every((name) => typeof name === 'string')) {
    const seen = new Set<string>();
    const repeated = listed.find((name) => seen.size === seen.add(name).size);
    if (repeated === undefined) return listed;
    throw dataError(`${path} lists the column ${JSON.stringify(repeated)} twice`, { where: file.path });
  }
  throw dataError(`the attribute column-order of ${path} is no list of names`, { where: file.path });
}
