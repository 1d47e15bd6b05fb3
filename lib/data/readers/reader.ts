/**
 * A reader: how one format of cells is read. Each reader is a file or a folder beside this one, and `readers.ts` lists
 * them.
 */
import type { FileDataset } from '../../cells/dataset.ts';
import type { CellSource } from '../../cells/source.ts';
import type { ImportedEmbedding } from '../imports/embedding.ts';
import type { Inspection, KnownColumns } from './inspection.ts';

/** Which rows and columns of an embedding are wanted. */
export interface EmbeddingOptions {
  /** Column of obs that names a cell; the index if absent. */
  readonly cellId?: string;
  /** Keep the rows of these cells only; all if absent. */
  readonly wanted?: readonly string[];
  /** Columns of a table that are dimensions; told by their names if absent. */
  readonly columns?: readonly string[];
}

export interface Reader {
  readonly name: string;
  /** What it reads, as a noun phrase, for messages: 'an .h5ad file (AnnData in HDF5)'. */
  readonly reads: string;
  /**
   * Whether a file or folder is of this format, told from names and first bytes. One that is of the format and damaged is
   * recognised: `open` says what is wrong with it. No two readers recognise the same path.
   */
  recognise(path: string): boolean | Promise<boolean>;
  /** Opens the source far enough to know that it can be used. The caller closes it. Data errors say what is wrong. */
  open(path: string, options: Omit<FileDataset, 'source'>): Promise<CellSource>;
  /** Tells what is in it. What cannot be read is said in the result. Errors: a known column that is not there. */
  inspect(path: string, known: KnownColumns): Promise<Inspection>;
  /** Reads coordinates that it holds beside its cells, `obsm/NAME`; absent for a format that has none. */
  embedding?(path: string, name: string, options: EmbeddingOptions): Promise<ImportedEmbedding>;
}
