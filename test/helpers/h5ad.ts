/** Writes small .h5ad files for tests, in the forms that anndata has written over the years. */
import { resolve } from 'node:path';

/** Stored entries as they are, to write rows that are unsorted or hold zeros and duplicates. */
export interface RawSparse {
  rows: number;
  columns: number;
  indptr: number[];
  indices: number[];
  values: number[];
}

export interface MatrixSpec {
  /** Rows of equal length, or stored entries (of rows for CSR, of columns for CSC). */
  values: readonly ArrayLike<number>[] | RawSparse;
  layout?: 'csr' | 'csc' | 'dense';
  dtype?: 'float32' | 'float64' | 'int32' | 'int64' | 'uint16' | 'uint8';
  /** Rows of a chunk (dense) or entries of a chunk (sparse); with gzip. Contiguous if absent. */
  chunk?: number;
  indexType?: 'int32' | 'int64';
}

/** Text becomes a categorical (null: missing), numbers an integer or float column. */
export type ColumnSpec = readonly (string | null)[] | readonly number[] | { text: readonly string[] };

export interface H5adSpec {
  /** Null: a file without X. */
  x: MatrixSpec | MatrixSpec['values'] | null;
  cells?: readonly string[];
  genes?: readonly string[];
  obs?: Readonly<Record<string, ColumnSpec>>;
  var?: Readonly<Record<string, ColumnSpec>>;
  layers?: Readonly<Record<string, MatrixSpec | MatrixSpec['values']>>;
  raw?: { x: MatrixSpec | MatrixSpec['values']; genes?: readonly string[] };
  obsm?: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** How categoricals are kept: since anndata 0.8 in a group of their own, in 0.7 under `__categories`. */
  categoricals?: 'group' | '__categories';
}

/**
 * Writes an .h5ad file. Cells and genes are named cell0, cell1, … and gene0, gene1, … unless named. A row of
 * `values` is a cell, also where the file stores columns.
 */
export async function writeH5ad(path: string, spec: H5adSpec): Promise<string> {
  const h5wasm = await import('h5wasm/node');
  const module = await h5wasm.ready;
  module.activate_throwing_error_handler();
  const file = new h5wasm.File(resolve(path), 'w');
  const x = spec.x === null ? undefined : asSpec(spec.x);
  const [rows, columns] = shapeOf(x?.values ?? (spec.raw && asSpec(spec.raw.x).values) ?? []);
  const cells = spec.cells ?? Array.from({ length: rows }, (_, i) => `cell${i}`);
  const genes = spec.genes ?? Array.from({ length: columns }, (_, i) => `gene${i}`);
  file.create_attribute('encoding-type', 'anndata');
  file.create_attribute('encoding-version', '0.1.0');
  const writer = new Writer(file as unknown as Group, spec.categoricals ?? 'group');
  if (x !== undefined) writer.matrix('X', x);
  writer.frame('obs', cells, spec.obs ?? {});
  writer.frame('var', genes, spec.var ?? {});
  writer.group('layers');
  for (const [name, layer] of Object.entries(spec.layers ?? {}))
    writer.matrix(`layers/${name}`, asSpec(layer));
  if (spec.raw !== undefined) {
    const raw = asSpec(spec.raw.x);
    const names = spec.raw.genes ?? Array.from({ length: shapeOf(raw.values)[1] }, (_, i) => `gene${i}`);
    writer.group('raw');
    writer.matrix('raw/X', raw);
    writer.frame('raw/var', names, {});
  }
  writer.group('obsm');
  for (const [name, coordinates] of Object.entries(spec.obsm ?? {})) {
    writer.matrix(`obsm/${name}`, { values: coordinates, layout: 'dense' });
  }
  file.close();
  return path;
}

/** A table of counts with `types` blocks of cells, each high in genes of its own: labels that can be told apart. */
export function blockCounts(
  types: number,
  cellsPerType: number,
  genes: number,
): { rows: number[][]; labels: string[] } {
  const rows: number[][] = [];
  const labels: string[] = [];
  for (let type = 0; type < types; type++) {
    for (let cell = 0; cell < cellsPerType; cell++) {
      labels.push(`type${type}`);
      rows.push(
        Array.from({ length: genes }, (_, gene) => {
          const noise = (gene * 7 + cell * 13 + type * 5) % 11;
          return gene % types === type ? 3 + (noise % 4) : noise < 3 ? 1 : 0;
        }),
      );
    }
  }
  return { rows, labels };
}

const DTYPES = { float32: '<f', float64: '<d', int32: '<i', int64: '<q', uint16: '<H', uint8: '<B' } as const;

interface Dataset {
  create_attribute(name: string, value: unknown, shape?: number[] | null, dtype?: string): void;
  create_reference(): unknown;
}
interface Group extends Dataset {
  create_group(name: string): Group;
  create_dataset(options: Record<string, unknown>): Dataset;
  get(path: string): Group;
}

const isRaw = (values: MatrixSpec['values']): values is RawSparse => 'indptr' in values;
const asSpec = (given: MatrixSpec | MatrixSpec['values']): MatrixSpec =>
  Array.isArray(given) || 'indptr' in given
    ? { values: given as MatrixSpec['values'] }
    : (given as MatrixSpec);
const shapeOf = (values: MatrixSpec['values']): [number, number] =>
  isRaw(values) ? [values.rows, values.columns] : [values.length, values[0]?.length ?? 0];

class Writer {
  readonly #root: Group;
  readonly #categoricals: 'group' | '__categories';

  constructor(root: Group, categoricals: 'group' | '__categories') {
    this.#root = root;
    this.#categoricals = categoricals;
  }

  group(path: string): Group {
    this.#root.create_group(path);
    return this.#root.get(path);
  }

  matrix(
    path: string,
    { values, layout = 'csr', dtype = 'float32', indexType = 'int32', chunk }: MatrixSpec,
  ): void {
    const [rows, columns] = shapeOf(values);
    if (layout === 'dense') {
      const dense = (values as readonly ArrayLike<number>[]).flatMap((row) => Array.from(row));
      this.#numbers(path, dense, dtype, [rows, columns], chunk && [Math.min(chunk, rows), columns]);
      return;
    }
    const sparse = isRaw(values)
      ? values
      : layout === 'csr'
        ? byRow(values)
        : byRow(transpose(values, columns));
    const group = this.group(path);
    group.create_attribute('encoding-type', `${layout}_matrix`);
    group.create_attribute('encoding-version', '0.1.0');
    group.create_attribute('shape', [rows, columns]);
    const { indptr, indices, values: data } = sparse;
    const chunks = chunk && data.length > 0 ? [Math.min(chunk, data.length)] : undefined;
    this.#numbers(`${path}/data`, data, dtype, [data.length], chunks);
    this.#numbers(`${path}/indices`, indices, indexType, [indices.length], chunks);
    this.#numbers(`${path}/indptr`, indptr, indexType, [indptr.length]);
  }

  frame(path: string, index: readonly string[], columns: Readonly<Record<string, ColumnSpec>>): void {
    const group = this.group(path);
    const isLegacy = this.#categoricals === '__categories';
    group.create_attribute('encoding-type', 'dataframe');
    group.create_attribute('encoding-version', isLegacy ? '0.1.0' : '0.2.0');
    group.create_attribute('_index', '_index');
    const names = Object.keys(columns);
    if (names.length > 0) group.create_attribute('column-order', names);
    else group.create_attribute('column-order', new Float64Array(0), [0]);
    this.#texts(`${path}/_index`, index);
    for (const [name, column] of Object.entries(columns)) {
      if ('text' in column) this.#texts(`${path}/${name}`, column.text);
      else if (column.every((value) => typeof value === 'number')) {
        const isWhole = column.every((value) => Number.isInteger(value));
        this.#numbers(`${path}/${name}`, column as number[], isWhole ? 'int64' : 'float64', [column.length]);
      } else this.#categorical(path, name, column as (string | null)[]);
    }
  }

  #categorical(frame: string, name: string, values: readonly (string | null)[]): void {
    const categories = [...new Set(values.filter((value) => value !== null))].sort();
    const codes = values.map((value) => (value === null ? -1 : categories.indexOf(value)));
    if (this.#categoricals === '__categories') {
      this.#numbers(`${frame}/${name}`, codes, 'int32', [codes.length]);
      if (this.#root.get(`${frame}/__categories`) === null) this.group(`${frame}/__categories`);
      this.#texts(`${frame}/__categories/${name}`, categories);
      const kept = this.#root.get(`${frame}/__categories/${name}`);
      kept.create_attribute('ordered', 0, null, '<b');
      this.#root.get(`${frame}/${name}`).create_attribute('categories', kept.create_reference());
      return;
    }
    const group = this.group(`${frame}/${name}`);
    group.create_attribute('encoding-type', 'categorical');
    group.create_attribute('encoding-version', '0.2.0');
    group.create_attribute('ordered', 0, null, '<b');
    this.#numbers(`${frame}/${name}/codes`, codes, 'int32', [codes.length]);
    this.#texts(`${frame}/${name}/categories`, categories);
  }

  #numbers(
    path: string,
    values: readonly number[],
    dtype: keyof typeof DTYPES,
    shape: number[],
    chunks?: number[] | 0,
  ) {
    const data = dtype === 'int64' ? BigInt64Array.from(values, BigInt) : [...values];
    const storage = chunks ? { chunks, compression: 4 } : {};
    this.#root.create_dataset({ name: path, data, shape, dtype: DTYPES[dtype], ...storage });
  }

  #texts(path: string, values: readonly string[]) {
    this.#root.create_dataset({ name: path, data: [...values], shape: [values.length], dtype: 'S' });
  }
}

function byRow(rows: readonly ArrayLike<number>[]): Pick<RawSparse, 'indptr' | 'indices' | 'values'> {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of rows) {
    for (let column = 0; column < row.length; column++) {
      if (row[column] === 0) continue;
      indices.push(column);
      values.push(row[column]);
    }
    indptr.push(indices.length);
  }
  return { indptr, indices, values };
}

const transpose = (rows: readonly ArrayLike<number>[], columns: number): number[][] =>
  Array.from({ length: columns }, (_, column) => rows.map((row) => row[column]));
