/**
 * What an encoding is: how one cell's counts become what a model reads. Each encoding stands in a file of
 * its own beside this one, and `index.ts` lists them.
 */
import { z } from 'zod';
import type { CsrBlock } from '../cells/csr.ts';
import type { MatrixInput, MatrixMetadata } from '../data/kinds/types.ts';
import type { RandomSource } from '../flow/random.ts';
import type { ExternalFile } from '../flow/stage.ts';

/** Which genes an encoding sees: the highly variable ones, or all that the counts have. */
export type GeneChoice = 'hvg' | 'all';

/** The columns of the counts. */
export interface Genes {
  readonly ids: readonly string[];
  readonly names: readonly (string | null)[];
  /** 1 for a column that the encoding may use, else 0. */
  readonly used: Uint8Array;
}

/** What an encoding is given before it sees cells. */
export interface EncodeContext<P> {
  readonly params: P;
  readonly genes: Genes;
  /** Counts of each cell over all genes of the source, in row order: more than its row adds up to. */
  readonly totals: Float64Array;
  /** Those of all cells, for what must be known of all before the first is encoded. Few encodings read them. */
  readonly counts: MatrixInput;
  /** The dictionaries, by the name of the option that gave them. */
  readonly files: Readonly<Partial<Record<string, ExternalFile>>>;
  /** Seeded streams; may be touched only if `random` of the encoding says so. */
  readonly random: RandomSource;
}

/** The cells of a block, beside their counts. */
export interface BlockCells {
  readonly ids: readonly string[];
  /** As in `EncodeContext.totals`, for the rows of the block. */
  readonly totals: Float64Array;
}

export interface EncodedBlock {
  /** The encoding as numbers: what similarities are computed from. */
  readonly matrix: CsrBlock;
  /** What the model reads, if that is a list of token numbers. Views of one buffer. */
  readonly tokens?: Int32Array[];
  /** What the model reads, if that is text. */
  readonly sentences?: string[];
  /** What the model reads, if that is genes with a value each. */
  readonly model?: ModelRows;
}

/** Row i has entries offsets[i] … offsets[i + 1] − 1: the model's number of a gene, and its value. */
export interface ModelRows {
  readonly offsets: Uint32Array;
  readonly genes: Int32Array;
  readonly values: Float32Array;
}

/** What an encoder reads of the columns. */
export interface Reading {
  /** For each column: the column at which its count is added up, mostly itself; −1 for one that is not read. */
  readonly home: Int32Array;
  /** For each home: what its count is divided by before genes are put in order; absent for 1. */
  readonly divisor?: Float64Array;
}

/** An encoding made ready for one set of genes. */
export interface Encoder {
  /** Columns of the encoded matrix. */
  readonly columns: number;
  readonly metadata: MatrixMetadata;
  /** What else the notes of the matrix say. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Absent if the used columns are read as they are. */
  readonly reading?: Reading;
  readonly writesTokens: boolean;
  readonly writesSentences: boolean;
  /** For the notes of the model's input; absent if none is written. */
  readonly modelNotes?: Readonly<Record<string, string>>;
  encodeBlock(block: CsrBlock, cells: BlockCells): EncodedBlock;
}

type Shape = z.core.$ZodLooseShape;

/** The options of an encoding: its kind, its genes and its own. */
type OptionsSchema<K extends string, S extends Shape> = z.ZodObject<
  { kind: z.ZodLiteral<K>; genes: z.ZodDefault<z.ZodEnum<{ hvg: 'hvg'; all: 'all' }>> } & S,
  z.core.$strict
>;

type OptionsOf<K extends string, S extends Shape> = z.output<OptionsSchema<K, S>>;

interface Definition<K extends string, S extends Shape, F extends string> {
  /** `import.meta.url` of the encoding's file, whose bundle is its identity. */
  readonly module: string;
  readonly kind: K;
  /** One sentence: what it keeps of a cell. */
  readonly about: string;
  /** Where the definition comes from. */
  readonly source: string;
  /** Default of the option `genes`. */
  readonly genes: GeneChoice;
  /** Its own options, in the config beside `kind` and `genes`. */
  readonly options: S;
  /** The options that are paths of files: they become inputs, whose content counts, and not params. */
  readonly files?: readonly F[];
  /** The option, one of `files`, that is a path of code: what it does counts, not its bytes. */
  readonly code?: F;
  /** True if, with these options, it draws random numbers. */
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

/** Columns as the homes of a reading: themselves if `isRead`, else −1. */
export function homesOf(columns: number, isRead: (column: number) => boolean): Int32Array {
  return Int32Array.from({ length: columns }, (_, column) => (isRead(column) ? column : -1));
}

/** How many columns may be used. */
export function countUsed(genes: Genes): number {
  let used = 0;
  for (const flag of genes.used) used += flag;
  return used;
}
