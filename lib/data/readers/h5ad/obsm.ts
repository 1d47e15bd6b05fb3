/**
 * Coordinates that an .h5ad file holds beside its cells, under obsm: a dense array of two dimensions, or a data frame
 * whose columns are all numbers.
 */
import { dataError } from '../../../errors.ts';
import { type ImportedEmbedding, withDimensions } from '../../imports/embedding.ts';
import type { EmbeddingOptions } from '../reader.ts';
import { type Frame, openFrame } from './frame.ts';
import type { Hdf5File } from './hdf5.ts';
import { readCellIds } from './ids.ts';
import { openAnnData, requireFrame } from './source.ts';

/** Number of values that are read at once. */
const BLOCK_VALUES = 1 << 22;

/** Reads obsm/`name`. Throws a data error that lists the existing names if there is none of that name. */
export async function readObsm(
  path: string,
  name: string,
  { cellId, wanted, columns }: EmbeddingOptions = {},
): Promise<ImportedEmbedding> {
  const file = await openAnnData(path);
  try {
    const array = openArray(file, name);
    const obs = requireFrame(file, 'obs', array.rows, `obsm/${name}`);
    const ids = readCellIds(path, obs, cellId);
    const chosen = wanted === undefined ? undefined : new Set(wanted);
    const cellIds = chosen === undefined ? ids : ids.filter((id) => chosen.has(id));
    const { dims } = array;
    const values = new Float32Array(cellIds.length * dims);
    let row = 0;
    const blockRows = Math.max(1, Math.floor(BLOCK_VALUES / dims));
    for (let start = 0; start < array.rows; start += blockRows) {
      const end = Math.min(array.rows, start + blockRows);
      const block = array.read(start, end);
      for (let i = start; i < end; i++) {
        if (chosen !== undefined && !chosen.has(ids[i])) continue;
        for (let d = 0; d < dims; d++) values[row * dims + d] = block[(i - start) * dims + d];
        row++;
      }
    }
    const table = {
      path: `${path}: obsm/${name}`,
      cellIds,
      rows: cellIds.length,
      values,
      columns: array.columns,
      ignored: [],
    };
    // The columns of an array have no names: all of them are the embedding.
    if (!array.isNamed && columns === undefined) return { ...table, dims, leftOut: [] };
    return withDimensions(table, columns);
  } finally {
    file.close();
  }
}

interface DenseArray {
  readonly rows: number;
  readonly dims: number;
  /** Names of the dimensions. */
  readonly columns: string[];
  /** Whether the dimensions have names of their own, as in a data frame. */
  readonly isNamed: boolean;
  /** Rows [from, to), row-major. */
  read(from: number, to: number): ArrayLike<number>;
}

function openArray(file: Hdf5File, name: string): DenseArray {
  const path = `obsm/${name}`;
  // A slash would lead out of obsm, or to a part of an entry.
  const kind = file.kind('obsm') === 'group' && !name.includes('/') ? file.kind(path) : undefined;
  if (kind === undefined) throw missing(file, name);
  if (kind === 'dataset') return datasetArray(file, path);
  if (file.scalarAttribute(path, 'encoding-type') === 'dataframe') return frameArray(file, path);
  throw dataError(`${path} is not a dense array`, {
    expected: 'an array of cells × dimensions, or a data frame of numbers',
    where: file.path,
    hint: `A sparse one can be made dense: adata.obsm[${JSON.stringify(name)}] = adata.obsm[${JSON.stringify(name)}].toarray()`,
  });
}

function datasetArray(file: Hdf5File, path: string): DenseArray {
  const { shape, class: kind, dtype } = file.dataset(path);
  if ((kind !== 'float' && kind !== 'integer') || shape.length !== 2 || shape[1] === 0) {
    throw dataError(`${path} is an array of ${dtype} of shape ${shape.join(' × ')}`, {
      expected: 'numbers, cells × dimensions',
      where: file.path,
    });
  }
  const [rows, dims] = shape;
  const columns = Array.from({ length: dims }, (_, d) => `${d + 1}`);
  return { rows, dims, columns, isNamed: false, read: (from, to) => file.numbers(path, from, to) };
}

function frameArray(file: Hdf5File, path: string): DenseArray {
  const frame = openFrame(file, path)!;
  frame.check();
  requireSameNames(file, frame);
  const columns = frame.columns.map((name) => {
    const column = frame.column(name);
    if (column.kind === 'float' || column.kind === 'integer') return { name, values: column.values };
    throw dataError(`column ${JSON.stringify(name)} of ${path} is ${column.kind}, not numbers`, {
      expected: 'a data frame whose columns are all numbers',
      where: file.path,
    });
  });
  const dims = columns.length;
  const { rows } = frame;
  if (dims === 0) throw dataError(`${path} has no columns`, { where: file.path });
  return {
    rows,
    dims,
    columns: columns.map(({ name }) => name),
    isNamed: true,
    read(from, to) {
      const block = new Float64Array((to - from) * dims);
      for (const [d, { values }] of columns.entries()) {
        for (let i = from; i < to; i++) block[(i - from) * dims + d] = values[i];
      }
      return block;
    },
  };
}

/** Requires that a data frame of coordinates, which names the cells once more, has the names of obs in their order. */
function requireSameNames(file: Hdf5File, frame: Frame): void {
  const cells = openFrame(file, 'obs')?.index() ?? [];
  const names = frame.index();
  const row = cells.findIndex((cell, i) => cell !== names[i]);
  if (row < 0) return;
  throw dataError(
    `${frame.path} names ${JSON.stringify(names[row])} in row ${row + 1}, obs ${JSON.stringify(cells[row])}`,
    {
      expected: 'the same cells in the same order',
      where: file.path,
      hint: 'The file is inconsistent: write it again with anndata.',
    },
  );
}

function missing(file: Hdf5File, name: string): Error {
  if (file.kind('obsm') === 'dataset') {
    return dataError('obsm is a table in the layout of anndata before 0.7, which cannot be read', {
      where: file.path,
      hint: 'Open the file with anndata and write it again.',
    });
  }
  const names = file.keys('obsm');
  return dataError(`obsm has no entry ${JSON.stringify(name)}`, {
    where: file.path,
    expected: names.length === 0 ? undefined : `one of ${names.join(', ')}`,
    hint: names.length === 0 ? 'obsm is empty or absent: the file holds no embeddings.' : undefined,
  });
}
