/**
 * Handles through which stages read and write artifacts, one pair per kind. The kinds themselves stand beside this file:
 * parquet, matrix, embedding, neighbors, tokens, model, hf-dataset, packed. Kinds of any pipeline come with the
 * framework, in lib/flow/kinds: json, text, bytes, files, table.
 */
import type { Csr, CsrBlock } from '../../cells/csr.ts';
import type { Columns, Schema } from '../../flow/kinds/columns.ts';
import type { MatrixMetadata } from './matrix-metadata.ts';

export type { ColumnData, Columns, ColumnType, Schema } from '../../flow/kinds/columns.ts';
export type { FilesInput, FilesOutput } from '../../flow/kinds/files.ts';
export type { JsonInput, JsonOutput } from '../../flow/kinds/json.ts';
export type { TableInput, TableOutput } from '../../flow/kinds/table.ts';
export type { TextInput, TextOutput } from '../../flow/kinds/text.ts';
export type { MatrixMetadata } from './matrix-metadata.ts';

/** Result table as Parquet (`parquet`): named, typed columns, written and read whole. */
export interface ParquetInput<S extends Schema = Schema> {
  readonly kind: 'parquet';
  read(): Promise<Columns<S>>;
}

/** Sparse matrix, one row per cell: `cell_id`, `genes: List<Int32>`, `values: List<Float32>`. */
export interface MatrixInput {
  readonly kind: 'matrix';
  open(): Promise<MatrixReader>;
}
export interface MatrixReader {
  readonly rows: number;
  readonly columns: number;
  readonly nnz: number;
  readonly metadata: MatrixMetadata;
  /** Further notes of the writer, such as the kind of the encoding. */
  readonly notes: Readonly<Record<string, string>>;
  cellIds(): Promise<string[]>;
  /** Hash of the cells of the rows, known without reading them: see `hashCells`. */
  cellsHash(): Promise<string>;
  /** Blocks of at most a few thousand rows, in order; one block in memory at a time. */
  blocks(): AsyncIterable<CsrBlock & { readonly start: number; readonly cellIds: string[] }>;
  /** Reads the whole matrix. `shared`: into memory that threads share. `cellIds`: a list to which the ids are appended. */
  readAll(options?: { readonly shared?: boolean; readonly cellIds?: string[] }): Promise<Csr>;
  close(): Promise<void>;
}
export interface MatrixOutput {
  create(options: {
    columns: number;
    metadata: MatrixMetadata;
    notes?: Readonly<Record<string, string>>;
  }): Promise<MatrixWriter>;
}
export interface MatrixWriter {
  append(block: CsrBlock, cellIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Dense coordinates: `cell_id`, `label`, `d1` … `dk` (Float32). */
export interface Embedding {
  readonly cellIds: string[];
  readonly labels: (string | null)[];
  readonly dims: number;
  /** Row-major, cellIds.length × dims. */
  readonly values: Float32Array;
}
export interface EmbeddingInput {
  readonly kind: 'embedding';
  read(): Promise<Embedding>;
}
export interface EmbeddingOutput {
  write(embedding: Embedding): Promise<void>;
}

/**
 * Nearest neighbours: `cell_id`, `neighbors: FixedSizeList<Int32>`, `distances: FixedSizeList<Float32>`.
 * The first neighbour of a cell is the cell itself at distance 0 (umap-learn's convention), then others by
 * distance, ties by row number. k counts the cell itself.
 */
export interface Neighbors {
  readonly cellIds: string[];
  readonly k: number;
  /** Row numbers, cellIds.length × k. */
  readonly indices: Int32Array;
  readonly distances: Float32Array;
}
export interface NeighborsInput {
  readonly kind: 'neighbors';
  read(): Promise<Neighbors>;
}
export interface NeighborsOutput {
  write(neighbors: Neighbors): Promise<void>;
}

/** Token lists that a model reads, one per cell: `cell_id`, `tokens: List<Int32>`. */
export interface TokensInput {
  readonly kind: 'tokens';
  read(): Promise<{ cellIds: string[]; lists: Int32Array[]; notes: Readonly<Record<string, string>> }>;
}
export interface TokensOutput {
  create(notes?: Readonly<Record<string, string>>): Promise<TokensWriter>;
}
export interface TokensWriter {
  append(cellIds: readonly string[], lists: readonly Int32Array[]): Promise<void>;
  close(): Promise<void>;
}

/** Genes with a value each that a model reads: `cell_id`, `genes: List<Int32>`, `values: List<Float32>`. */
export interface ModelInputInput {
  readonly kind: 'model';
  read(): Promise<{
    cellIds: string[];
    genes: Int32Array[];
    values: Float32Array[];
    notes: Readonly<Record<string, string>>;
  }>;
}
export interface ModelInputOutput {
  create(notes?: Readonly<Record<string, string>>): Promise<ModelInputWriter>;
}
export interface ModelInputWriter {
  /** Appends rows. Row i of the block has entries offsets[i] … offsets[i + 1] − 1. */
  append(
    cellIds: readonly string[],
    rows: { readonly offsets: Uint32Array; readonly genes: Int32Array; readonly values: Float32Array },
  ): Promise<void>;
  close(): Promise<void>;
}

/** Plain data with arrays of numbers in it. */
export interface PackedInput<T> {
  readonly kind: 'packed';
  read(): Promise<T>;
}
export interface PackedOutput<T> {
  write(value: T): Promise<void>;
}
