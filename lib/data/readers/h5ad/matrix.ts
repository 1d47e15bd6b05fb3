/** Matrices of an AnnData file: which there are, and how each is stored. */
import { basename } from 'node:path';
import { dataError, OperationalError } from '../../../errors.ts';
import { encodingOf } from './encoding.ts';
import type { Hdf5File, Numbers } from './hdf5.ts';
import { unlessRefused } from './hdf5-errors.ts';

export type Layout = 'csr' | 'csc' | 'dense';

export interface Matrix {
  /** Name in the config: 'X', 'raw/X', 'layers/counts'. */
  readonly name: string;
  /** Path in the file: 'X', 'raw/X', or 'raw.X' of anndata before 0.7. */
  readonly path: string;
  /** Path of the data frame of its columns. */
  readonly var: string;
  readonly layout: Layout;
  readonly rows: number;
  readonly columns: number;
  /** Number of stored entries; undefined for a dense matrix. */
  readonly stored: number | undefined;
  readonly dtype: string;
  /** Reason why it cannot be read; its shape is then unknown. */
  readonly problem?: OperationalError;
}

/** Consecutive rows as stored: not yet checked, sorted or rid of zeros. */
export interface StoredRows {
  readonly start: number;
  readonly rows: number;
  /** Offsets of the rows, from 0; length rows + 1. */
  readonly indptr: Uint32Array;
  readonly indices: Numbers;
  readonly values: Numbers;
}

/** Limits of a block of rows: at most this many rows and, unless one row has more, this many entries. */
export const BLOCK_ROWS = 2048;
export const BLOCK_ENTRIES = 1 << 20;

/** Lists all matrices, in the order in which counts are looked for: X, raw/X, layers by name. */
export function listMatrices(file: Hdf5File): Matrix[] {
  const matrices: Matrix[] = [];
  const add = (name: string, path: string, varPath: string) => {
    const matrix = describeMatrix(file, name, path, varPath);
    if (matrix !== undefined) matrices.push(matrix);
    return matrix !== undefined;
  };
  add('X', 'X', 'var');
  if (!add('raw/X', 'raw/X', 'raw/var')) add('raw/X', 'raw.X', 'raw.var');
  // Layers that lie elsewhere cannot be listed; one entry with that problem stands in their place.
  if (!isDict(file, 'layers')) add('layers', 'layers', 'var');
  else {
    for (const layer of listLayers(file, 'layers')) add(layer, layer, 'var');
  }
  return matrices;
}

/** Lists the paths of layers. A layer with a slash in its name lies in groups of its own. */
function listLayers(file: Hdf5File, path: string): string[] {
  return file.keys(path).flatMap((name) => {
    const inner = `${path}/${name}`;
    const isFolder =
      isIn(file, inner, 'group') &&
      [undefined, 'dict'].includes(file.scalarAttribute(inner, 'encoding-type') as string | undefined) &&
      file.attribute(inner, 'h5sparse_format') === undefined &&
      file.keys(inner).length > 0 &&
      !PARTS.some((part) => file.keys(inner).includes(part));
    return isFolder ? listLayers(file, inner) : [inner];
  });
}

/** Whether a path leads to a group of entries that can be listed. */
const isDict = (file: Hdf5File, path: string) =>
  isIn(file, path, 'group') &&
  unlessRefused(() => encodingOf(file, path, ['dict']) ?? 'not said') !== undefined;

/** Whether a path leads to an object of that kind in this file. */
function isIn(file: Hdf5File, path: string, kind: 'group' | 'dataset'): boolean {
  return unlessRefused(() => file.kind(path)) === kind;
}

const PARTS = ['data', 'indices', 'indptr'] as const;

/** Describes the object at a path as a matrix; one that cannot be used is kept with its problem. */
function describeMatrix(file: Hdf5File, name: string, path: string, varPath: string): Matrix | undefined {
  try {
    if (path === 'raw/X') encodingOf(file, 'raw', ['raw', 'dict']);
    switch (file.kind(path)) {
      case undefined:
        return undefined;
      case 'dataset':
        return describeDense(file, name, path, varPath);
      default:
        return describeSparse(file, name, path, varPath);
    }
  } catch (problem) {
    if (!(problem instanceof OperationalError)) throw problem;
    const size = { rows: 0, columns: 0, stored: undefined };
    return { name, path, var: varPath, layout: 'dense', dtype: 'unreadable', ...size, problem };
  }
}

/** Classes of numbers that can be counts: booleans count as 0 and 1. */
const NUMERIC: readonly string[] = ['integer', 'float', 'boolean'];

function describeDense(file: Hdf5File, name: string, path: string, varPath: string): Matrix {
  encodingOf(file, path, ['array']);
  const { shape, class: kind, dtype } = file.dataset(path);
  if (shape.length !== 2 || !NUMERIC.includes(kind)) {
    const isVector = shape.length === 1 && NUMERIC.includes(kind);
    throw dataError(`${name} is an array of ${dtype} values of shape ${shape.join(' × ') || '()'}`, {
      expected: 'a matrix of numbers, cells × genes',
      where: file.path,
      hint: isVector
        ? 'anndata before 0.7 kept a matrix of one row or one column so: write the file again with a newer one.'
        : dtype.startsWith('float')
          ? 'Store it as float32: adata.X = adata.X.astype("float32")'
          : 'Write the file again with a matrix of counts.',
    });
  }
  const [rows, columns] = shape;
  return { name, path, var: varPath, layout: 'dense', rows, columns, stored: undefined, dtype };
}

function describeSparse(file: Hdf5File, name: string, path: string, varPath: string): Matrix {
  const encoding = encodingOf(file, path, ['csr_matrix', 'csc_matrix']);
  const format = encoding ?? file.scalarAttribute(path, 'h5sparse_format');
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
  for (const part of PARTS) {
    const { class: kind, dtype, shape: found } = file.dataset(`${path}/${part}`);
    const isFit = part === 'data' ? NUMERIC.includes(kind) : kind === 'integer';
    if (isFit && found.length === 1) continue;
    throw dataError(`${path}/${part} is an array of ${dtype} values of shape ${found.join(' × ') || '()'}`, {
      expected:
        part === 'data' ? 'float32, float64 or integers, in one dimension' : 'integers, in one dimension',
      where: file.path,
      hint:
        part === 'data' && dtype.startsWith('float') && !isFit
          ? storeAsFloat32(file, `${path}/${part}`)
          : 'Write the file again with anndata.',
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

/** Advice for numbers in a sparse matrix that neither scipy nor anndata opens: a command that changes a copy of the file. */
const storeAsFloat32 = (file: Hdf5File, data: string) =>
  `Store it as float32: matrix.astype("float32") before writing, or in a copy of the file:\n  cp ${basename(file.path)} float32.h5ad && python -c "import h5py; f = h5py.File('float32.h5ad', 'r+'); d = f['${data}']; v, a = d[:].astype('float32'), dict(d.attrs); del f['${data}']; f['${data}'] = v; f['${data}'].attrs.update(a)"`;

const isShape = (shape: unknown): shape is readonly number[] =>
  Array.isArray(shape) && shape.length === 2 && shape.every((n) => Number.isSafeInteger(n) && n >= 0);

/** Advice for a damaged matrix: anndata reads and writes it as it is, so writing it again is no cure. */
export const MAKE_AGAIN =
  'Copy or download the file again. If it is so at its source, the matrix was cut or put together wrongly: make it again with the program that made it.';

export const COUNTED_FROM_1 =
  'The numbers seem to count from 1, as R does: the program that wrote the file must write them from 0.';

/** Reads and checks the offsets of a sparse matrix: from 0, ascending, as many as there are entries. */
export function readIndptr(file: Hdf5File, matrix: Matrix): Float64Array {
  const path = `${matrix.path}/indptr`;
  const indptr = Float64Array.from(file.numbers(path));
  const major = matrix.layout === 'csr' ? matrix.rows : matrix.columns;
  const damaged = (what: string) =>
    dataError(`${matrix.name} is damaged: ${what}`, { where: `${file.path}: ${path}`, hint: MAKE_AGAIN });
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

/** End of the block of rows (or columns) that begins at `start`: bounded in rows and in entries. */
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
