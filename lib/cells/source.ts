/** Source of cells: a file in some layout, or the simulator. Both are read as streams of rows. */
import type { CsrBlock } from './csr.ts';
import type { LabelCount } from './labels.ts';

/** Choices made in reading a source (matrix, columns, labels), in terms of content, without the path of a file. */
export interface SourceChoices {
  readonly matrix: string;
  /** Reason for this matrix, where there was something to choose. */
  readonly matrixReason: string | null;
  /** Column of obs with the labels; null: none. */
  readonly label: string | null;
  readonly batch: string | null;
  /** Source of gene ids: 'index', or a column of var. */
  readonly geneId: string;
  readonly versionsStripped: boolean;
  readonly cells: number;
  /** Cells without a label. */
  readonly missing: number;
  /** Cells left out by `dataset.labels`, by type. */
  readonly excluded: readonly LabelCount[];
  /** Types made of several labels. */
  readonly merged: Readonly<Record<string, readonly string[]>>;
  readonly featuresLeftOut: readonly { readonly type: string; readonly features: number }[];
  /** As `problem` of an `Annotation`. */
  readonly annotatedProblem?: string;
  /** Notes for the user, in sentences. */
  readonly notes: readonly string[];
}

/** Why the source's own selection of highly variable genes cannot be used; null if it can or there is none. */
export interface Annotation {
  readonly problem: string | null;
}

export interface CellSource {
  readonly cells: number;
  readonly genes: number;
  /** Name of the matrix with the counts: 'X', 'raw/X', 'layers/counts', 'simulated'. */
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
  /** Choices made in reading the source, including what was left out. */
  choices(): Promise<SourceChoices>;
  /**
   * Streams all rows in order, in blocks of bounded size, each read anew with every call. Throws a data error for a value
   * that is no count: negative, not whole, or not finite.
   */
  rows(signal?: AbortSignal): AsyncIterable<CsrBlock & { readonly start: number }>;
  close(): Promise<void>;
}
