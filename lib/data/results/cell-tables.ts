/** Schemas of the tables of cells and genes that go from stage to stage. Each column has its type here and nowhere else. */
import type { Schema } from '../kinds/types.ts';

/** Table of all cells of the source, in its order. */
export const sourceCellsTable = {
  cell_id: 'utf8',
  label: 'utf8?',
  batch: 'utf8?',
  total_counts: 'float64',
  n_genes: 'int32',
  mito_percent: 'float64?',
  sparsity: 'float64',
} as const satisfies Schema;

/** Table of all cells of the source: whether they pass the limits, and whether they were drawn. */
export const cellsTable = { ...sourceCellsTable, passing: 'bool', sampled: 'bool' } as const satisfies Schema;

/** Table of the sampled cells, in the order of the source; each has a type. */
export const sampleTable = { ...sourceCellsTable, label: 'utf8' } as const satisfies Schema;

/** Table of the kept genes: the columns of the counts. Numbers are over the sampled cells. */
export const genesTable = {
  gene_id: 'utf8',
  gene_name: 'utf8?',
  annotated: 'bool?',
  n_cells: 'int32',
  total_counts: 'float64',
} as const satisfies Schema;

/** Table of all genes of the source, in its order. Numbers are over all its cells. */
export const sourceGenesTable = {
  gene_id: 'utf8',
  gene_name: 'utf8?',
  annotated: 'bool?',
  mito: 'bool',
  n_cells: 'int32',
  total_counts: 'float64',
} as const satisfies Schema;

/** Table of the kept genes: which are highly variable, and by which statistics; null where the flavour has none. */
export const variableGenesTable = {
  gene_id: 'utf8',
  gene_name: 'utf8?',
  highly_variable: 'bool',
  n_cells: 'int32',
  total_counts: 'float64',
  means: 'float64?',
  dispersions: 'float64?',
  dispersions_norm: 'float64?',
} as const satisfies Schema;

/** Restricts a schema to some columns, to read no others. */
export function columnsOf<const S extends Schema, const N extends keyof S & string>(
  schema: S,
  ...names: readonly N[]
): Pick<S, N> {
  return Object.fromEntries(names.map((name) => [name, schema[name]])) as Pick<S, N>;
}
