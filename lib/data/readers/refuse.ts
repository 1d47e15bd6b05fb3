/** Errors for a file or folder that no reader recognises: its kind, and advice. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { dataError, type OperationalError } from '../../errors.ts';

/** Object that lies under a path. */
export interface Found {
  readonly isFile: boolean;
  readonly isFolder: boolean;
  /** Size in bytes. */
  readonly size: number;
}

/** Throws a data error, with similar names, if nothing lies under a path. */
export function requireThere(path: string, expected: string): Found {
  try {
    const stat = statSync(path);
    return { isFile: stat.isFile(), isFolder: stat.isDirectory(), size: stat.size };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const near = similarNames(path);
      throw dataError('no such file', {
        expected,
        where: path,
        hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : undefined,
      });
    }
    throw dataError(`the file cannot be read (${code})`, { where: path, cause: error });
  }
}

/** Error for a file or folder that exists but is of no known format. `expected` names the readable formats. */
export function unreadSource(path: string, found: Found, expected: string): OperationalError {
  if (found.isFolder) return refuseFolder(path, expected);
  if (!found.isFile) return dataError('not a regular file', { expected, where: path });
  if (found.size === 0) return dataError('the file is empty', { expected, where: path });
  return refuseOther(path, readHead(path), expected);
}

/** Opens a file for reading. The caller closes it. */
export function openToRead(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw dataError(`the file cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      where: path,
      cause: error,
    });
  }
}

/** Reads the first 512 bytes of a file, or all of a shorter one. */
function readHead(path: string): Buffer {
  const file = openToRead(path);
  try {
    const head = Buffer.alloc(512);
    return head.subarray(0, readSync(file, head, 0, 512, 0));
  } finally {
    closeSync(file);
  }
}

/** Names in the same folder that differ by a few letters. */
function similarNames(path: string): string[] {
  const name = basename(path);
  try {
    return readdirSync(dirname(path))
      .map((other) => ({ other, far: distance(name.toLowerCase(), other.toLowerCase()) }))
      .filter(({ far }) => far <= Math.max(2, name.length / 4))
      .sort((a, b) => a.far - b.far || (a.other < b.other ? -1 : 1))
      .slice(0, 2)
      .map(({ other }) => other);
  } catch {
    return [];
  }
}

export const python = (code: string) => `  python -c "${code}"`;
export const NEEDS_LABELS =
  'The cells also need a label: add a column to obs (adata.obs["cell_type"]) before writing.';

function refuseFolder(path: string, expected: string): OperationalError {
  const names = readdirSync(path);
  const name = basename(path);
  if (names.some((n) => n === '.zgroup' || n === '.zattrs' || n === 'zarr.json')) {
    return dataError('this is a zarr folder, which is not supported yet', {
      expected,
      where: path,
      hint: `Write it as .h5ad:\n${python(`import anndata; anndata.read_zarr('${name}').write_h5ad('atlas.h5ad')`)}`,
    });
  }
  if (names.some((n) => n === 'matrix.mtx' || n === 'matrix.mtx.gz')) {
    return dataError('this is a 10x folder (matrix.mtx), which is not supported yet', {
      expected,
      where: path,
      hint: `Write it as .h5ad:\n${python(`import scanpy; scanpy.read_10x_mtx('${name}').write_h5ad('atlas.h5ad')`)}\n${NEEDS_LABELS}`,
    });
  }
  const inside = names.filter((n) => n.endsWith('.h5ad')).sort();
  return dataError('this is a folder, not a file', {
    expected,
    where: path,
    hint: inside.length > 0 ? `It holds: ${inside.slice(0, 10).join(', ')}` : undefined,
  });
}

function refuseOther(path: string, head: Buffer, expected: string): OperationalError {
  const name = basename(path);
  const text = head.toString('latin1');
  const is = (what: string, hint?: string) =>
    dataError(`this is ${what}, not an HDF5 file`, { expected, where: path, hint });
  if (text.startsWith('\x1f\x8b')) {
    return is(
      'a gzip-compressed file',
      name.endsWith('.h5ad.gz') || name.endsWith('.h5.gz') ? `Unpack it: gunzip ${name}` : undefined,
    );
  }
  if (text.startsWith('PK\x03\x04')) {
    return /\.zgroup|\.zattrs|zarr\.json|\.zarray/.test(text) || name.includes('.zarr')
      ? is(
          'a zipped zarr store (zarr is not supported yet)',
          `Unpack it and write it as .h5ad:\n${python("import anndata; anndata.read_zarr('unpacked.zarr').write_h5ad('atlas.h5ad')")}`,
        )
      : is('a zip archive');
  }
  if (text.startsWith('%%MatrixMarket')) {
    return is(
      'a Matrix Market file',
      `A 10x folder is written as .h5ad with\n${python("import scanpy; scanpy.read_10x_mtx('folder').write_h5ad('atlas.h5ad')")}\n${NEEDS_LABELS}`,
    );
  }
  if (text.startsWith('PAR1')) return is('a Parquet file');
  if (text.startsWith('ARROW1') || text.startsWith('FEA1')) return is('an Arrow file');
  if (text.startsWith('\x93NUMPY')) return is('a NumPy array file');
  if (text.startsWith('\x28\xb5\x2f\xfd')) return is('a Zstandard-compressed file', 'Unpack it: zstd -d');
  if (text.startsWith('version https://git-lfs')) {
    return is(
      'a Git LFS pointer, a placeholder for the data',
      `Fetch the data: git lfs pull --include ${name}`,
    );
  }
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) {
    return is('a web page', 'The download probably failed: open it in a text editor to see why.');
  }
  if (/^\s*[{[]/.test(text)) return is('a JSON file');
  if (!text.includes('\0')) return is('a text file');
  return dataError('this is not an HDF5 file: its first bytes are not the HDF5 signature', {
    expected,
    where: path,
    hint: 'If it should be one, it is damaged: copy or download it again.',
  });
}
