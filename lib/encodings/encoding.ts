/**
 * Interface of an encoding: how one cell's counts become a model's input. Each encoding stands in a file of its own
 * beside this one, and `index.ts` lists them.
 */
import { z } from 'zod';
import type { CsrBlock } from '../cells/csr.ts';
import type { MatrixInput, MatrixMetadata } from '../data/kinds/types.ts';
import type { RandomSource } from '../flow/random.ts';
import type { ExternalFile } from '../flow/stage.ts';

/** Genes that an encoding sees: the highly variable ones, or all that the counts have. */
export type GeneChoice = 'hvg' | 'all';

/** Genes in the order of the columns of the counts. */
export interface Genes {
  readonly ids: readonly string[];
  readonly names: readonly (string | null)[];
  /** 1 for a column that the encoding may use, else 0. */
  readonly used: Uint8Array;
}

/** Context of an encoding, available before it sees cells. */
export interface EncodeContext<P> {
  readonly params: P;
  readonly genes: Genes;
  /** Total counts of each cell over all genes of the source, in row order: more than its row adds up to. */
  readonly totals: Float64Array;
  /** Counts of all cells, for facts that must be known of all before the first is encoded. Few encodings read them. */
  readonly counts: MatrixInput;
  /** Dictionaries, by the name of the option that gave them. */
  readonly files: Readonly<Partial<Record<string, ExternalFile>>>;
  /** Seeded streams; may be touched only if `random` of the encoding says so. */
  readonly random: RandomSource;
}

/** Ids and totals of the cells of a block. */
export interface BlockCells {
  readonly ids: readonly string[];
  /** Total counts as in `EncodeContext.totals`, for the rows of the block. */
  readonly totals: Float64Array;
}

export interface EncodedBlock {
  /** Encoding as numbers, from which similarities are computed. */
  readonly matrix: CsrBlock;
  /** Token numbers, if the model reads a list of them. Views of one buffer. */
  readonly tokens?: Int32Array[];
  /** Texts, if the model reads text. */
  readonly sentences?: string[];
  /** Genes with a value each, if the model reads those. */
  readonly model?: ModelRows;
}

/**
 * Ragged rows of model input: row i has entries offsets[i] … offsets[i + 1] − 1, each the model's number of a gene, and
 * its value.
 */
export interface ModelRows {
  readonly offsets: Uint32Array;
  readonly genes: Int32Array;
  readonly values: Float32Array;
}

/** Part of the columns that an encoder reads. */
export interface Reading {
  /** Home of each column: the column to which its count is added, mostly itself; −1 for one that is not read. */
  readonly home: Int32Array;
  /** Divisor of each home's count, applied before genes are put in order; absent for 1. */
  readonly divisor?: Float64Array;
}

/** Encoder of blocks of cells, made for one set of genes. */
export interface Encoder {
  /** Columns of the encoded matrix. */
  readonly columns: number;
  readonly metadata: MatrixMetadata;
  /** Further notes of the matrix. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Reading of the columns; absent if the used columns are read as they are. */
  readonly reading?: Reading;
  readonly writesTokens: boolean;
  readonly writesSentences: boolean;
  /** Notes of the model's input; absent if none is written. */
  readonly modelNotes?: Readonly<Record<string, string>>;
  encodeBlock(block: CsrBlock, cells: BlockCells): EncodedBlock;
}

type Shape = z.core.$ZodLooseShape;

/** Schema of an encoding's options: its kind, its genes and its own. */
type OptionsSchema<K extends string, S extends Shape> = z.ZodObject<
  { kind: z.ZodLiteral<K>; genes: z.ZodDefault<z.ZodEnum<{ hvg: 'hvg'; all: 'all' }>> } & S,
  z.core.$strict
>;

type OptionsOf<K extends string, S extends Shape> = z.output<OptionsSchema<K, S>>;

interface Definition<K extends string, S extends Shape, F extends string> {
  /** `import.meta.url` of the encoding's file, whose bundle is its identity. */
  readonly module: string;
  readonly kind: K;
  /** Summary in one sentence: what the encoding keeps of a cell. */
  readonly about: string;
  /** Source of the definition: code or paper. */
  readonly source: string;
  /** Default of the option `genes`. */
  readonly genes: GeneChoice;
  /** Options of this encoding alone, in the config beside `kind` and `genes`. */
  readonly options: S;
  /** Options that are paths of files: they become inputs, whose content counts, and not params. */
  readonly files?: readonly F[];
  /** Option, one of `files`, that is a path of code: what it does counts, not its bytes. */
  readonly code?: F;
  /** True if, with these options, the encoding draws random numbers. */
  random?(params: Omit<OptionsOf<K, S>, F>): boolean;
  prepare(context: EncodeContext<Omit<OptionsOf<K, S>, F>>): Promise<Encoder>;
}

export interface Encoding<K extends string = string, S extends Shape = Shape, F extends string = string>
  extends Definition<K, S, F> {
  readonly files: readonly F[];
  readonly schema: OptionsSchema<K, S>;
}

// biome-ignore lint/suspicious/noExplicitAny: the registry treats all encodings alike
export type AnyEncoding = Encoding<any, any, any>;

/** Declares an encoding: adds the schema that follows from its kind, default genes and options. */
export function defineEncoding<const K extends string, S extends Shape, const F extends string = never>(
  definition: Definition<K, S, F>,
): Encoding<K, S, F> {
  const schema = z.strictObject({
    kind: z.literal(definition.kind),
    genes: z.enum(['hvg', 'all']).default(definition.genes),
    ...definition.options,
  }) as unknown as OptionsSchema<K, S>;
  return { files: [], ...definition, schema };
}

/** Homes for a reading: each column itself if `isRead`, else −1. */
export function homesOf(columns: number, isRead: (column: number) => boolean): Int32Array {
  return Int32Array.from({ length: columns }, (_, column) => (isRead(column) ? column : -1));
}

/** Number of columns that may be used. */
export function countUsed(genes: Genes): number {
  let used = 0;
  for (const flag of genes.used) used += flag;
  return used;
}
