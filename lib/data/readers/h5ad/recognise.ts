/** What a path is, before and after opening it as HDF5, so that a file that is not an .h5ad is refused by name. */
import { closeSync, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { dataError, type RankloomError } from '../../../errors.ts';
import type { Hdf5File } from './hdf5.ts';

const EXPECTED = 'an .h5ad file (AnnData in HDF5)';
const SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

/** Throws unless the path is a readable file with an HDF5 signature. Reads at most a few blocks of it. */
export function requireHdf5(path: string): void {
  const stat = statOf(path);
  if (stat.isDirectory()) throw refuseFolder(path);
  if (!stat.isFile()) throw dataError('not a regular file', { expected: EXPECTED, where: path });
  if (stat.size === 0) throw dataError('the file is empty', { expected: EXPECTED, where: path });
  const head = readHead(path, stat.size);
  if (head === undefined) return;
  throw refuseOther(path, head);
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const near = similarNames(path);
      throw dataError('no such file', {
        expected: EXPECTED,
        where: path,
        hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : undefined,
      });
    }
    throw dataError(`the file cannot be read (${code})`, { where: path, cause: error });
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

/** The first bytes of a file that is not HDF5; undefined if it is (the signature may lie behind a user block). */
function readHead(path: string, size: number): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw dataError(`the file cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      where: path,
      cause: error,
    });
  }
  try {
    const probe = Buffer.alloc(8);
    for (let at = 0; at + 8 <= size && at <= 1 << 20; at = at === 0 ? 512 : at * 2) {
      readSync(file, probe, 0, 8, at);
      if (probe.equals(SIGNATURE)) return undefined;
    }
    const head = Buffer.alloc(512);
    return head.subarray(0, readSync(file, head, 0, 512, 0));
  } finally {
    closeSync(file);
  }
}

const python = (code: string) => `  python -c "${code}"`;
const NEEDS_LABELS =
  'The cells also need a label: add a column to obs (adata.obs["cell_type"]) before writing.';

function refuseFolder(path: string): RankloomError {
  const names = readdirSync(path);
  const name = basename(path);
  if (names.some((n) => n === '.zgroup' || n === '.zattrs' || n === 'zarr.json')) {
    return dataError('this is a zarr folder, which is not supported yet', {
      expected: EXPECTED,
      where: path,
      hint: `Write it as .h5ad:\n${python(`import anndata; anndata.read_zarr('${name}').write_h5ad('atlas.h5ad')`)}`,
    });
  }
  if (names.some((n) => n === 'matrix.mtx' || n === 'matrix.mtx.gz')) {
    return dataError('this is a 10x folder (matrix.mtx), which is not supported yet', {
      expected: EXPECTED,
      where: path,
      hint: `Write it as .h5ad:\n${python(`import scanpy; scanpy.read_10x_mtx('${name}').write_h5ad('atlas.h5ad')`)}\n${NEEDS_LABELS}`,
    });
  }
  const inside = names.filter((n) => n.endsWith('.h5ad')).sort();
  return dataError('this is a folder, not a file', {
    expected: EXPECTED,
    where: path,
    hint: inside.length > 0 ? `It holds: ${inside.slice(0, 10).join(', ')}` : undefined,
  });
}

function refuseOther(path: string, head: Buffer): RankloomError {
  const name = basename(path);
  const text = head.toString('latin1');
  const is = (what: string, hint?: string) =>
    dataError(`this is ${what}, not an HDF5 file`, { expected: EXPECTED, where: path, hint });
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
    expected: EXPECTED,
    where: path,
    hint: 'If it should be one, it is damaged: copy or download it again.',
  });
}

/** Throws unless an open HDF5 file is laid out as AnnData. */
export function requireAnnData(file: Hdf5File): void {
  if (file.kind('obs') !== undefined && file.kind('var') !== undefined) return;
  const name = basename(file.path);
  const keys = file.keys('/');
  const is = (what: string, code: string, labels = true) =>
    dataError(`this is ${what}, which is not supported yet`, {
      expected: EXPECTED,
      where: file.path,
      hint: `Write it as .h5ad:\n${python(code)}${labels ? `\n${NEEDS_LABELS}` : ''}`,
    });
  if (keys.includes('row_attrs') && keys.includes('col_attrs')) {
    throw is('a loom file', `import scanpy; scanpy.read_loom('${name}').write_h5ad('atlas.h5ad')`, false);
  }
  if (keys.includes('mod')) {
    throw is(
      'a MuData file (.h5mu)',
      `import mudata; mudata.read('${name}')['rna'].write_h5ad('atlas.h5ad')`,
      false,
    );
  }
  if (keys.includes('assays') && keys.includes('cell.names')) {
    throw is('an h5Seurat file', `# in R: SeuratDisk::Convert('${name}', dest = 'h5ad')`, false);
  }
  const tenx = keys.find((key) => file.keys(`${key}`).includes('barcodes'));
  if (tenx !== undefined) {
    const version = file.keys(`${tenx}`).includes('features') ? 3 : 2;
    throw is(
      `a 10x Genomics matrix in HDF5 (version ${version} layout)`,
      `import scanpy; a = scanpy.read_10x_h5('${name}'); a.var_names_make_unique(); a.write_h5ad('atlas.h5ad')`,
    );
  }
  throw dataError('this HDF5 file is not AnnData: it has no obs and var', {
    expected: EXPECTED,
    where: file.path,
    hint: keys.length > 0 ? `It holds: ${keys.slice(0, 20).join(', ')}` : 'It is empty.',
  });
}
