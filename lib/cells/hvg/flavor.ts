/** Interface of a flavour: a way of choosing highly variable genes. */
import type { CsrBlock } from '../csr.ts';

/** Counts to choose from: rows are cells, columns are genes; read as often as a flavour needs. */
export interface HvgCounts {
  readonly rows: number;
  readonly columns: number;
  blocks(): AsyncIterable<CsrBlock & { readonly start: number }>;
}

export interface HvgInput {
  readonly counts: HvgCounts;
  readonly geneIds: readonly string[];
  /** Choice of the source itself; null where it has none. */
  readonly annotated: readonly (boolean | null)[];
  /** Why the source's own choice cannot be used, if it has one. */
  readonly annotatedProblem?: string;
  /** The batch of each row, if genes are to be chosen within batches; rows with null belong to none. */
  readonly batches?: readonly (string | null)[];
}

export interface HvgOptions {
  /** Number of genes; null: all within the cut-offs. */
  readonly top: number | null;
  readonly minMean: number;
  readonly maxMean: number;
  readonly minDisp: number;
  /** Bins of mean expression in which dispersions are compared. */
  readonly bins: number;
}

/** Choice and statistics, one entry per gene; the statistics are NaN, or absent, where a flavour has none. */
export interface HvgResult {
  readonly highlyVariable: boolean[];
  readonly means?: Float64Array;
  readonly dispersions?: Float64Array;
  readonly dispersionsNorm?: Float64Array;
}

export interface HvgFlavor {
  readonly about: string;
  /** True if the flavour looks at the counts, and so at top, the cut-offs, bins and batches. */
  readonly statistical: boolean;
  select(input: HvgInput, options: HvgOptions): Promise<HvgResult>;
}
