/** What a reader tells of a source: its matrices, columns and embeddings, and which of them a study can use. */

export interface MatrixInfo {
  readonly name: string;
  /** How values are stored: 'dense', 'csr' or 'csc'. */
  readonly layout: string;
  readonly dtype: string;
  readonly rows: number;
  readonly columns: number;
  /** Share of values that are not zero; of a sample, if dense. Null if it cannot be read. */
  readonly density: number | null;
  /** 'counts', 'log-normalised' or other: see judgeValues of the reader h5ad. Null if they cannot be read. */
  readonly look: string | null;
  /** What the values look like, or why they cannot be read. */
  readonly text: string;
  /** What to do if they cannot be read. */
  readonly hint?: string;
}

export interface ColumnInfo {
  readonly name: string;
  /** 'categorical', 'string', 'boolean', 'integer', 'float' or 'unreadable'. */
  readonly kind: string;
  readonly distinct: number;
  readonly missing: number;
  /** The first values that differ. */
  readonly examples: readonly string[];
}

export interface GroupCounts {
  readonly name: string;
  /** Groups and their cells, most cells first, then by name. */
  readonly groups: readonly { readonly group: string; readonly cells: number }[];
  readonly missing: number;
}

export interface IdInfo {
  /** For genes: 'Ensembl', 'WormBase', 'FlyBase', 'symbols', 'numbers' or 'other'. */
  readonly kind: string;
  readonly examples: readonly string[];
  readonly distinct: boolean;
  /** Most are Ensembl ids with versions, and differ without them too. */
  readonly versioned: boolean;
}

export interface Inspection {
  readonly path: string;
  readonly bytes: number;
  readonly format: string;
  readonly cells: number;
  readonly genes: number;
  readonly matrices: readonly MatrixInfo[];
  /** The matrix that 'auto' takes; null if none looks like counts. */
  readonly counts: string | null;
  /** Why that one, where there was something to choose. */
  readonly countsReason: string | null;
  /** What the user should know about the choice of the matrix and the genes. */
  readonly notes: readonly string[];
  readonly obs: readonly ColumnInfo[];
  /** Columns that can label cells, likely ones first, those of numbers last. */
  readonly labels: readonly string[];
  /** The column that the caller named, or the one whose name says that it holds cell types; null if none does. */
  readonly chosenLabel: string | null;
  /** Columns named like batches that sort cells into groups, unless they sort them as the label does. */
  readonly batches: readonly string[];
  /** Cells by the chosen label. */
  readonly label: GroupCounts | null;
  readonly var: readonly ColumnInfo[];
  readonly cellIds: IdInfo;
  readonly geneIds: IdInfo;
  /** Columns of var by which each gene has an id of its own, Ensembl ids first. */
  readonly idColumns: readonly {
    readonly name: string;
    readonly kind: string;
    readonly versioned: boolean;
  }[];
  /** Column of var with gene symbols, if there is one. */
  readonly geneNames: string | null;
  readonly mitoGenes: number;
  readonly obsm: readonly { readonly name: string; readonly rows: number; readonly dims: number }[];
  /** Genes flagged in var['highly_variable']; null without that column, or if it holds no booleans. */
  readonly highlyVariable: number | null;
  readonly depth: Depth | null;
}

/** Columns of obs that the caller knows; without them they are guessed. */
export interface KnownColumns {
  readonly label?: string;
  readonly batch?: string;
}

/** Detected genes and totals of up to 3,000 cells, spread over the file. */
export interface Depth {
  readonly cells: number;
  /** Detected genes of each sampled cell, ascending. */
  readonly detectedGenes: readonly number[];
  readonly medianCounts: number;
  /** Percent of counts on mitochondrial genes, ascending; empty if no gene is named so. */
  readonly mitoPercent: readonly number[];
}
