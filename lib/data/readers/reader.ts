/**
 * Interface of a reader: how one format of cells is read. Each reader is a file or a folder beside this one, and
 * `readers.ts` lists them.
 */
import type { FileDataset } from '../../cells/dataset.ts';
import type { CellSource } from '../../cells/source.ts';
import type { ImportedEmbedding } from '../imports/embedding.ts';
import type { Inspection, KnownColumns } from './inspection.ts';

/** Rows and columns of an embedding that are wanted. */
export interface EmbeddingOptions {
  /** Column of obs that names a cell; the index if absent. */
  readonly cellId?: string;
  /** Cells whose rows are kept; all if absent. */
  readonly wanted?: readonly string[];
  /** Columns of a table that are dimensions; recognised by their names if absent. */
  readonly columns?: readonly string[];
}

export interface Reader {
  readonly name: string;
  /** Description of its sources as a noun phrase, for messages: 'an .h5ad file (AnnData in HDF5)'. */
  readonly reads: string;
  /**
   * Whether a file or folder is of this format, judged by names and first bytes. A damaged one of the format is
   * recognised: `open` reports the damage. No two readers recognise the same path.
   */
  recognise(path: string): boolean | Promise<boolean>;
  /** Opens the source far enough to know that it can be used; throws data errors if it cannot. The caller closes it. */
  open(path: string, options: Omit<FileDataset, 'source'>): Promise<CellSource>;
  /**
   * Inspects the source. Parts that cannot be read are listed in the result. Throws a data error if a known column is
   * absent.
   */
  inspect(path: string, known: KnownColumns): Promise<Inspection>;
  /** Reads coordinates that the source holds beside its cells, `obsm/NAME`; absent for a format that has none. */
  embedding?(path: string, name: string, options: EmbeddingOptions): Promise<ImportedEmbedding>;
}
