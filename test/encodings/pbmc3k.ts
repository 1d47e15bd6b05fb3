/** Shared real data as CSR blocks, read without our own reader, which is not what is tested here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset, Group } from 'h5wasm/node';
import type { CsrBlock } from '../../lib/cells/csr.ts';

const root = join(import.meta.dirname, '..', '..');
export const shared = join(root, '..', 'shared');
const fileOf = (name: string) => join(shared, 'data', `${name}.h5ad`);

/** For a test's `skip`: false, or why it cannot run here. */
export const skip = ['pbmc3k', 'zheng_facs_pbmc'].every((name) => existsSync(fileOf(name)))
  ? false
  : `needs the shared data (${join('..', 'shared', 'data')})`;

export interface RealData {
  counts: CsrBlock;
  totals: Float64Array;
  symbols: string[];
  /** Empty where unknown. */
  ensemblIds: string[];
}

const read = new Map<string, Promise<RealData>>();

function once(name: string, column: 'ensembl_id' | 'gene_symbol'): Promise<RealData> {
  if (!read.has(name)) read.set(name, load(fileOf(name), column));
  return read.get(name)!;
}

/** Its index has symbols. */
export const pbmc3k = () => once('pbmc3k', 'ensembl_id');
/** Its index has Ensembl ids. */
export const zheng = () => once('zheng_facs_pbmc', 'gene_symbol');

/** `column`: the categorical column with the other names of genes, beside the index. */
async function load(file: string, column: 'ensembl_id' | 'gene_symbol'): Promise<RealData> {
  const h5wasm = await import('h5wasm/node');
  await h5wasm.ready;
  const h5 = new h5wasm.File(file, 'r');
  const get = (path: string) => (h5.get(path) as Dataset).value as unknown;
  const attribute = (path: string, name: string) => (h5.get(path) as Group).attrs[name].value as unknown;
  const [rows, columns] = Array.from(attribute('X', 'shape') as BigInt64Array, Number);
  const categories = get(`var/${column}/categories`) as string[];
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
  const index = get(`var/${attribute('var', '_index')}`) as string[];
  const others = Array.from(
    get(`var/${column}/codes`) as ArrayLike<number>,
    (code) => categories[code] ?? '',
  );
  const [symbols, ensemblIds] = column === 'ensembl_id' ? [index, others] : [others, index];
  const data = { counts, totals, symbols, ensemblIds };
  h5.close();
  return data;
}

export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(join(root, 'test', 'golden', 'encodings', name), 'utf8'));
}
