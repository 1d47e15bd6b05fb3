/** The matrices of an AnnData file: which there are, and how each is stored. */
import { dataError } from '../../errors.ts';
import type { Hdf5File, Numbers } from './hdf5.ts';

export type Layout = 'csr' | 'csc' | 'dense';

export interface Matrix {
  /** As the config names it: 'X', 'raw/X', 'layers/counts'. */
  readonly name: string;
  /** In the file: 'X', 'raw/X', or 'raw.X' of anndata before 0.7. */
  readonly path: string;
  /** The data frame of its columns. */
  readonly var: string;
  readonly layout: Layout;
  readonly rows: number;
  readonly columns: number;
  /** Stored entries; undefined for a dense matrix. */
  readonly stored: number | undefined;
  readonly dtype: string;
}

/** Consecutive rows as they are stored: not yet checked, sorted or rid of zeros. */
export interface StoredRows {
  readonly start: number;
  readonly rows: number;
  /** Length rows + 1, from 0. */
  readonly indptr: Uint32Array;
  readonly indices: Numbers;
  readonly values: Numbers;
}

/** Rows go out in blocks of at most this many rows and, unless one row has more, this many entries. */
export const BLOCK_ROWS = 2048;
export const BLOCK_ENTRIES = 1 << 20;

/** All matrices, in the order in which counts are looked for: X, raw/X, layers by name. */
export function listMatrices(file: Hdf5File): Matrix[] {
  const matrices: Matrix[] = [];
  const add = (name: string, path: string, varPath: string) => {
    const matrix = describeMatrix(file, name, path, varPath);
    if (matrix !== undefined) matrices.push(matrix);
  };
  add('X', 'X', 'var');
  if (file.kind('raw/X') !== undefined) add('raw/X', 'raw/X', 'raw/var');
  else add('raw/X', 'raw.X', 'raw.var');
  for (const layer of file.keys('layers')) add(`layers/${layer}`, `layers/${layer}`, 'var');
  return matrices;
}

function describeMatrix(file: Hdf5File, name: string, path: string, varPath: string): Matrix | undefined {
  const kind = file.kind(path);
  if (kind === undefined) return undefined;
  if (kind === 'dataset') {
    const info = file.dataset(path);
    if (info.shape.length !== 2) return undefined;
    const [rows, columns] = info.shape;
    return { name, path, var: varPath, layout: 'dense', rows, columns, stored: undefined, dtype: info.dtype };
  }
  if (['data', 'indices', 'indptr'].some((part) => file.kind(`${path}/${part}`) !== 'dataset'))
    return undefined;
  const format = file.attribute(path, 'encoding-type') ?? file.attribute(path, 'h5sparse_format');
  const shape = file.attribute(path, 'shape') ?? file.attribute(path, 'h5sparse_shape');
  const isCsc = typeof format === 'string' && format.startsWith('csc');
  const isCsr = typeof format === 'string' && format.startsWith('csr');
  if (!(isCsc || isCsr) || !isShape(shape)) {
    throw dataError(`${name} is a sparse matrix without a known format or shape`, {
      expected: 'the attributes encoding-type (csr_matrix or csc_matrix) and shape',
      where: file.path,
      hint: 'Write the file again with anndata.',
    });
  }
  const data = file.dataset(`${path}/data`);
  return {
    name,
    path,
    var: varPath,
    layout: isCsc ? 'csc' : 'csr',
    rows: shape[0],
    columns: shape[1],
    stored: data.shape[0],
    dtype: data.dtype,
  };
}

const isShape = (shape: unknown): shape is ArrayLike<number> =>
  typeof shape === 'object' && shape !== null && (shape as ArrayLike<number>).length === 2;

/** Reads and checks the offsets of a sparse matrix: from 0, ascending, as many as there are entries. */
export function readIndptr(file: Hdf5File, matrix: Matrix): Float64Array {
  const path = `${matrix.path}/indptr`;
  const indptr = Float64Array.from(file.numbers(path));
  const major = matrix.layout === 'csr' ? matrix.rows : matrix.columns;
  const damaged = (what: string) =>
    dataError(`${matrix.name} is damaged: ${what}`, { where: `${file.path}: ${path}` });
  if (indptr.length !== major + 1) {
    throw damaged(`indptr has ${indptr.length} values, the shape asks for ${major + 1}`);
  }
  if (indptr[0] !== 0) throw damaged(`indptr starts at ${indptr[0]}, not 0`);
  for (let i = 0; i < major; i++) {
    if (!(indptr[i] <= indptr[i + 1])) throw damaged(`indptr descends at ${i + 1}`);
  }
  for (const part of ['data', 'indices']) {
    const length = file.dataset(`${matrix.path}/${part}`).shape[0];
    if (length !== indptr[major]) {
      throw damaged(`${part} has ${length} entries, indptr asks for ${indptr[major]}`);
    }
  }
  return indptr;
}

/** The end of the block of rows (or columns) that begins at `start`: bounded in rows and in entries. */
export function blockEnd(
  indptr: ArrayLike<number>,
  start: number,
  end: number,
  maxRows = BLOCK_ROWS,
  maxEntries = BLOCK_ENTRIES,
): number {
  let to = start + 1;
  while (to < end && to - start < maxRows && indptr[to + 1] - indptr[start] <= maxEntries) to++;
  return to;
}
