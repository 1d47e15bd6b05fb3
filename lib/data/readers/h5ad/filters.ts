/**
 * Check for the HDF5 compression filters that can be read. h5wasm brings the filters of the HDF5 library itself and none
 * of the registered plugins; without a check, data behind a missing filter may come back as noise. Two of the library's
 * own are not used: faults are published for the N-bit and scale-offset filters of the version that h5wasm carries
 * (2.0.0, CVE-2025-2308 among them), and what they decode past a buffer would be numbers as well.
 */
import { basename } from 'node:path';
import { dataError } from '../../../errors.ts';

export interface Filter {
  readonly id: number;
  readonly name: string;
}

/** Filters of the HDF5 library that h5wasm carries: gzip, shuffle, checksum (Fletcher-32). */
const READABLE: ReadonlySet<number> = new Set([1, 2, 3]);

/**
 * Registered filters that are met in the wild. List:
 * https://github.com/HDFGroup/hdf5_plugins/blob/master/docs/RegisteredFilterPlugins.md
 */
const REGISTERED: ReadonlyMap<number, string> = new Map([
  [4, 'SZIP'],
  [5, 'N-bit'],
  [6, 'scale-offset'],
  [305, 'LZO'],
  [307, 'bzip2'],
  [32000, 'LZF'],
  [32001, 'Blosc'],
  [32004, 'LZ4'],
  [32008, 'bitshuffle'],
  [32013, 'ZFP'],
  [32015, 'Zstandard'],
  [32017, 'SZ'],
  [32026, 'Blosc2'],
]);

/** Filters that come with h5py; the others need the Python package hdf5plugin to be read. */
const READ_BY_H5PY: ReadonlySet<number> = new Set([4, 5, 6, 32000]);

const GZIP = 1;

/**
 * Refuses a dataset that is compressed in a way which cannot be read, by the name of the filter. What is compressed twice
 * with gzip unpacks to something compressed, whose size tells nothing of what is in it.
 */
export function requireReadableFilters(file: string, path: string, filters: readonly Filter[]): void {
  const refuse = (how: string, plugin = '') =>
    dataError(`${path} is compressed ${how}, which cannot be read`, {
      expected: 'no compression, or gzip',
      where: file,
      hint: `Rewrite the file with gzip:\n  python -c "${plugin}import anndata; anndata.read_h5ad('${basename(file)}').write_h5ad('gzip.h5ad', compression='gzip')"`,
    });
  const missing = filters.find((filter) => !READABLE.has(filter.id));
  if (missing === undefined) {
    if (filters.filter(({ id }) => id === GZIP).length > 1) throw refuse('twice with gzip (HDF5 filter 1)');
    return;
  }
  const name = REGISTERED.get(missing.id) ?? (missing.name || 'an unknown filter');
  const plugin = READ_BY_H5PY.has(missing.id) ? '' : 'import hdf5plugin; ';
  throw refuse(`with ${name} (HDF5 filter ${missing.id})`, plugin);
}
