/** Where cells come from: a file in some layout, or the simulator. Both are read as streams of rows. */
import type { CsrBlock } from './csr.ts';

export interface CellSource {
  readonly cells: number;
  readonly genes: number;
  /** Which matrix holds the counts: 'X', 'raw/X', 'layers/counts', 'simulated'. */
  readonly matrix: string;
  cellIds(): Promise<string[]>;
  geneIds(): Promise<string[]>;
  /** Gene symbols, where the source has them beside the ids. */
  geneNames(): Promise<(string | null)[]>;
  /** The label of each cell; null where it is missing. */
  labels(): Promise<(string | null)[]>;
  /** The batch of each cell, or undefined if no batch column is configured. */
  batches(): Promise<(string | null)[] | undefined>;
  /** The source's own selection of highly variable genes (var column `highly_variable`), if it has one. */
  annotatedGenes(): Promise<boolean[] | undefined>;
  /**
   * All rows in order, in blocks of bounded size, each read anew with every call. Throws a data error for a value that is
   * no count: negative, not whole, or not finite.
   */
  rows(signal?: AbortSignal): AsyncIterable<CsrBlock & { readonly start: number }>;
  close(): Promise<void>;
}
