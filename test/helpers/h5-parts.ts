/** HDF5 files written part by part, so that a test can change any one of them. */
import { resolve } from 'node:path';

export interface Part {
  /** Absent: a group, or a link if `link` is given. */
  data?: unknown;
  /** As h5wasm names them: '<i', '<d', 'S' (text of any length), 'S8', 'A8'. */
  dtype?: string;
  shape?: number[];
  chunks?: number[];
  attributes?: Record<string, unknown>;
  /** A soft link's target, or an external link's file and target. */
  link?: string | [file: string, target: string];
}

/** Parts by path, in the order in which they are made: groups before what lies in them. */
export type Parts = Map<string, Part>;

/** An attribute's value with the type that it must have. */
export const typed = (data: unknown, shape: number[] | null, dtype: string) => ({ data, shape, dtype });

/** A small atlas as anndata 0.12 writes it: 6 cells of 3 types, 4 genes, counts by row. */
export function atlasParts(): Parts {
  const encoded = (type: string, version: string, more: Record<string, unknown> = {}) => ({
    'encoding-type': type,
    'encoding-version': version,
    ...more,
  });
  const array = encoded('array', '0.2.0');
  const text = encoded('string-array', '0.2.0');
  const frame = (columns: string[]) =>
    encoded('dataframe', '0.2.0', { _index: '_index', 'column-order': columns });
  const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
  return new Map<string, Part>([
    ['/', { attributes: encoded('anndata', '0.1.0') }],
    ['X', { attributes: encoded('csr_matrix', '0.1.0', { shape: [6, 4] }) }],
    ['X/data', { data: [1, 2, 3, 4, 5, 6, 7, 8], dtype: '<f', attributes: array }],
    ['X/indices', { data: [0, 1, 2, 3, 0, 1, 2, 3], dtype: '<i', attributes: array }],
    ['X/indptr', { data: [0, 2, 3, 4, 5, 6, 8], dtype: '<i', attributes: array }],
    ['layers', { attributes: encoded('dict', '0.1.0') }],
    ['obs', { attributes: frame(['cell_type', 'lane', 'score']) }],
    ['obs/_index', { data: names('cell', 6), dtype: 'S', attributes: text }],
    ['obs/cell_type', { attributes: encoded('categorical', '0.2.0', { ordered: typed(0, null, '<b') }) }],
    ['obs/cell_type/codes', { data: [0, 1, 2, 0, 1, -1], dtype: '<b', attributes: array }],
    ['obs/cell_type/categories', { data: ['B', 'NK', 'T'], dtype: 'S', attributes: text }],
    ['obs/lane', { data: [1, 1, 1, 2, 2, 2], dtype: '<q', attributes: array }],
    ['obs/score', { data: [0, 1, 2, 3, 4, 5], dtype: '<d', attributes: array }],
    ['var', { attributes: frame(['symbol']) }],
    ['var/_index', { data: names('gene', 4), dtype: 'S', attributes: text }],
    ['var/symbol', { data: names('s', 4), dtype: 'S', attributes: text }],
    ['obsm', { attributes: encoded('dict', '0.1.0') }],
    ['obsm/X_pca', { data: names('', 12).map(Number), shape: [6, 2], dtype: '<f', attributes: array }],
  ]);
}

/** The counts of `atlasParts`. */
export const ATLAS_COUNTS = [
  [1, 2, 0, 0],
  [0, 0, 3, 0],
  [0, 0, 0, 4],
  [5, 0, 0, 0],
  [0, 6, 0, 0],
  [0, 0, 7, 8],
];

export async function writeParts(path: string, parts: Parts): Promise<string> {
  const h5wasm = await import('h5wasm/node');
  const module = await h5wasm.ready;
  module.activate_throwing_error_handler();
  const file = new h5wasm.File(resolve(path), 'w');
  for (const [name, part] of parts) {
    if (part.link !== undefined) {
      if (typeof part.link === 'string') file.create_soft_link(part.link, name);
      else file.create_external_link(part.link[0], part.link[1], name);
      continue;
    }
    if (part.data !== undefined) {
      const { data, shape, dtype, chunks } = part;
      file.create_dataset({ name, data, shape, dtype, chunks, ...(chunks && { compression: 4 }) } as never);
    } else if (name !== '/') file.create_group(name);
    const made = name === '/' ? file : (file.get(name) as InstanceType<typeof h5wasm.Group>);
    for (const [attribute, value] of Object.entries(part.attributes ?? {})) {
      const { data, shape, dtype } = isTyped(value)
        ? value
        : { data: value, shape: undefined, dtype: undefined };
      made.create_attribute(attribute, data as never, shape as never, dtype);
    }
  }
  file.close();
  return path;
}

const isTyped = (value: unknown): value is ReturnType<typeof typed> =>
  typeof value === 'object' && value !== null && 'dtype' in value;
