/** The shared pbmc3k data as a CSR block, read without our own reader, which is not what is tested here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset, Group } from 'h5wasm/node';
import type { CsrBlock } from '../../lib/cells/csr.ts';

const root = join(import.meta.dirname, '..', '..');
export const shared = join(root, '..', 'shared');
const file = join(shared, 'data', 'pbmc3k.h5ad');

/** For a test's `skip`: false, or why it cannot run here. */
export const skip = existsSync(file)
  ? false
  : `needs the shared data (${join('..', 'shared', 'data', 'pbmc3k.h5ad')})`;

export interface Pbmc3k {
  counts: CsrBlock;
  totals: Float64Array;
  symbols: string[];
  /** Empty where unknown. */
  ensemblIds: string[];
}

let read: Promise<Pbmc3k> | undefined;

export function pbmc3k(): Promise<Pbmc3k> {
  read ??= load();
  return read;
}

async function load(): Promise<Pbmc3k> {
  const h5wasm = await import('h5wasm/node');
  await h5wasm.ready;
  const h5 = new h5wasm.File(file, 'r');
  const get = (path: string) => (h5.get(path) as Dataset).value as unknown;
  const attribute = (path: string, name: string) => (h5.get(path) as Group).attrs[name].value as unknown;
  const [rows, columns] = Array.from(attribute('X', 'shape') as BigInt64Array, Number);
  const categories = get('var/ensembl_id/categories') as string[];
  const counts: CsrBlock = {
    rows,
    columns,
    indptr: Uint32Array.from(get('X/indptr') as ArrayLike<number>),
    indices: Int32Array.from(get('X/indices') as ArrayLike<number>),
    values: Float32Array.from(get('X/data') as ArrayLike<number>),
  };
  const totals = new Float64Array(rows);
  for (let c = 0; c < rows; c++) {
    for (let e = counts.indptr[c]; e < counts.indptr[c + 1]; e++) totals[c] += counts.values[e];
  }
  const index = attribute('var', '_index') as string;
  const data = {
    counts,
    totals,
    symbols: get(`var/${index}`) as string[],
    ensemblIds: Array.from(
      get('var/ensembl_id/codes') as ArrayLike<number>,
      (code) => categories[code] ?? '',
    ),
  };
  h5.close();
  return data;
}

export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(join(root, 'test', 'golden', 'encodings', name), 'utf8'));
}
