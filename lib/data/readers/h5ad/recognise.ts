/** Recognition of a path, before and after opening it as HDF5, so that a file that is not an .h5ad is refused by its kind. */
import { closeSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { dataError } from '../../../errors.ts';
import { NEEDS_LABELS, openToRead, python, requireThere, unreadSource } from '../refuse.ts';
import type { Hdf5File } from './hdf5.ts';

export const READS = 'an .h5ad file (AnnData in HDF5)';
const SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

/** Throws unless the path is a readable file with an HDF5 signature. Reads at most a few blocks of it. */
export function requireHdf5(path: string): void {
  const stat = requireThere(path, READS);
  if (!isHdf5(path)) throw unreadSource(path, stat, READS);
}

/** Whether a file has an HDF5 signature, which may lie behind a user block. Throws if it cannot be read. */
export function isHdf5(path: string): boolean {
  const { size, isFile } = requireThere(path, READS);
  if (!isFile || size === 0) return false;
  const file = openToRead(path);
  try {
    const probe = Buffer.alloc(8);
    for (let at = 0; at + 8 <= size && at <= 1 << 20; at = at === 0 ? 512 : at * 2) {
      readSync(file, probe, 0, 8, at);
      if (probe.equals(SIGNATURE)) return true;
    }
    return false;
  } finally {
    closeSync(file);
  }
}

/** Throws unless an open HDF5 file is laid out as AnnData. */
export function requireAnnData(file: Hdf5File): void {
  if (file.kind('obs') !== undefined && file.kind('var') !== undefined) return;
  const name = basename(file.path);
  const keys = file.keys('/');
  const is = (what: string, code: string, labels = true) =>
    dataError(`this is ${what}, which is not supported yet`, {
      expected: READS,
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
    expected: READS,
    where: file.path,
    hint: keys.length > 0 ? `It holds: ${keys.slice(0, 20).join(', ')}` : 'It is empty.',
  });
}
