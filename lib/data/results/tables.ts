/**
 * Schemas of the result tables, shared by the stages that write them and the ones that read them. Column names are part
 * of docs/outputs.md: people load these tables by name.
 */
import type { Schema } from '../kinds/types.ts';

/** Similarity of one measure by pair of types: one row per unordered pair of cell types; `type_a` ≤ `type_b` by code unit. */
export const measurePairsTable = {
  type_a: 'utf8',
  type_b: 'utf8',
  /** True if both types are the same: pairs of different cells of one type. */
  within: 'bool',
  /** Pairs of cells that have a value: a constant cell has no correlation, so its pairs are not counted. */
  n_pairs: 'int64',
  median: 'float64?',
  mean: 'float64?',
  q05: 'float64?',
  q25: 'float64?',
  q75: 'float64?',
  q95: 'float64?',
} as const satisfies Schema;

/** Table `measurePairsTable` of all measures. */
export const typePairsTable = { measure: 'utf8', ...measurePairsTable } as const satisfies Schema;

/**
 * Relations at cut-offs, one row per cut-off, relation and batch relation: pairs whose similarity is at least the
 * cut-off, or whose distance is at most the cut-off. `batch_relation` is 'any' alone if no cell has a batch.
 */
export const measureCutoffsTable = {
  cutoff: 'float64',
  /** 'same_label' or 'other_label'. */
  relation: 'utf8',
  /** 'any', 'same_batch' or 'other_batch'; a pair with a cell without batch is in 'any' alone. */
  batch_relation: 'utf8',
  /** Number of unordered pairs of cells. */
  pairs: 'int64',
  /** Number of cells that no pair of this batch relation, of same or other label, relates to another. */
  cells_with_none: 'int64',
  /** Mean, over the cells with any, of the share of a cell's relations that have this relation of labels. */
  mean_fraction: 'float64?',
  /** Share of this relation of labels among all pairs of this batch relation. */
  chance: 'float64?',
} as const satisfies Schema;

/** Table `measureCutoffsTable` of all measures. */
export const cutoffsTable = { measure: 'utf8', ...measureCutoffsTable } as const satisfies Schema;

/**
 * k-NN purity of one measure, from the labels and batches of a cell's k nearest others; one row per k and label, and one
 * for all cells.
 */
export const measurePurityTable = {
  /** Cell type; null: all cells. */
  label: 'utf8?',
  k: 'int32',
  /** Mean over the cells of the share of their neighbours with the same label. */
  same_label: 'float64?',
  /** Mean share for batches; cells and neighbours without batch are left out. */
  same_batch: 'float64?',
  same_batch_other_label: 'float64?',
  chance_same_label: 'float64?',
} as const satisfies Schema;

/** Table `measurePurityTable` of all measures. */
export const neighborPurityTable = { measure: 'utf8', ...measurePurityTable } as const satisfies Schema;

/** Separation of one measure in one row: how far pairs within types are from pairs between types. */
export const measureSeparationTable = {
  n_within: 'int64',
  n_between: 'int64',
  median_within: 'float64?',
  median_between: 'float64?',
  /** P(a pair within is more alike than a pair between) + ½ P(equally alike); 0.5 is no separation. */
  auroc: 'float64?',
  /** 2 · auroc − 1. */
  cliffs_delta: 'float64?',
  iqr_within: 'float64?',
  iqr_between: 'float64?',
} as const satisfies Schema;

/** Table `measureSeparationTable` of all measures: one row per measure. */
export const separationTable = { measure: 'utf8', ...measureSeparationTable } as const satisfies Schema;

/**
 * Joint hexagonal histogram of two measures over all pairs of cells, one row per hexagon that is not empty. Hexagons are
 * pointy-topped; (`hex_q`, `hex_r`) are axial coordinates and (`x`, `y`) the centre in units of the measures: x = x₀ +
 * step_x · (hex_q + hex_r / 2), y = y₀ + step_y · hex_r, with x₀, y₀ and the steps the same for both scopes of a pair of
 * measures. A hexagon is step_x wide and 4/3 · step_y high.
 */
export const pairHistogramTable = {
  /** 'within' or 'between'. */
  scope: 'utf8',
  hex_q: 'int32',
  hex_r: 'int32',
  x: 'float64',
  y: 'float64',
  step_x: 'float64',
  step_y: 'float64',
  pairs: 'int64',
} as const satisfies Schema;

/** Key columns of a joint histogram: its two measures, x then y. */
const pairKeys = { x_measure: 'utf8', y_measure: 'utf8' } as const satisfies Schema;

/** Table `pairHistogramTable` of all pairs of measures in `joint`. */
export const jointTable = { ...pairKeys, ...pairHistogramTable } as const satisfies Schema;

/** Agreement of two measures, one row per scope: whether they order types, and pairs of types, alike. */
export const pairAgreementTable = {
  /** Scope: 'within' (one point per type) or 'between' (one point per pair of types). */
  scope: 'utf8',
  /** Number of points where both measures have a median. */
  n_points: 'int64',
  /** Spearman's correlation of the medians, of the measures as they are: negative for distance and similarity. */
  spearman: 'float64?',
} as const satisfies Schema;

/** Table `pairAgreementTable` of all pairs of measures in `joint`. */
export const agreementTable = { ...pairKeys, ...pairAgreementTable } as const satisfies Schema;

/**
 * Diagnostics of one encoding by cell: its losses in each cell; shares are from 0 to 1. docs/outputs.md describes each
 * column.
 */
export const cellDiagnosticsTable = {
  cell_id: 'utf8',
  label: 'utf8',
  genes_detected: 'int32',
  genes_encoded: 'int32',
  unread_genes: 'float64?',
  unread_counts: 'float64?',
  cut_genes: 'float64?',
  cut_counts: 'float64?',
  tie_mass: 'float64?',
  tie_mass_encoded: 'float64?',
  median_spearman: 'float64?',
  median_kendall: 'float64?',
  redrawn: 'float64?',
  redrawn_spearman: 'float64?',
  inverse_slope: 'float64?',
  inverse_intercept: 'float64?',
  inverse_r2: 'float64?',
  inverse_r2_detected: 'float64?',
  sparsity: 'float64?',
  within_similarity: 'float64?',
} as const satisfies Schema;

/** Diagnostics of one encoding over cells, types and pairs: one row per diagnostic, scope and (for scope `type`) label. */
export const encodingDiagnosticsTable = {
  diagnostic: 'utf8',
  scope: 'utf8',
  /** Cell type, for scope `type`. */
  label: 'utf8?',
  /** Number of values: cells, pairs or types. */
  n: 'int64',
  /** Mean of the values, or a number of all together. */
  value: 'float64?',
  /** Quantiles of the values; null for a number of all together. */
  q05: 'float64?',
  q25: 'float64?',
  median: 'float64?',
  q75: 'float64?',
  q95: 'float64?',
} as const satisfies Schema;

/** Table `encodingDiagnosticsTable` of all encodings. */
export const diagnosticsTable = { encoding: 'utf8', ...encodingDiagnosticsTable } as const satisfies Schema;

/** Movement of perturbed cells: one row per encoding, probe, amount and label, and one for all cells. */
export const encodingPerturbationsTable = {
  /** 'depth' (a share of the counts is kept) or 'fold' (one gene's count is multiplied). */
  probe: 'utf8',
  amount: 'float64',
  /** Cell type; null: all cells. */
  label: 'utf8?',
  metric: 'utf8',
  /** Number of cells, or of cells and genes, that were perturbed. */
  n: 'int64',
  /** Share of those whose encoding stayed as it was. */
  unchanged: 'float64?',
  /** Number of those with a known distance moved and a known distance to a neighbour, the latter above 0. */
  n_moved: 'int64',
  /** Share of those that moved farther than their nearest neighbour of the same type is away. */
  beyond_neighbor: 'float64?',
  /** Mean ratio of the distance moved to the distance to the nearest neighbour of the same type. */
  mean: 'float64?',
  q05: 'float64?',
  q25: 'float64?',
  median: 'float64?',
  q75: 'float64?',
  q95: 'float64?',
} as const satisfies Schema;

/** Table `encodingPerturbationsTable` of all encodings. */
export const perturbationsTable = {
  encoding: 'utf8',
  ...encodingPerturbationsTable,
} as const satisfies Schema;

/** Fidelity of each encoding to the reference: one row per encoding (or ceiling, floor), statistic and way of resampling. */
export const encodingsTable = {
  /** Name of the encoding, or of the ceiling or floor. */
  encoding: 'utf8',
  /** 'reference', 'encoding', 'ceiling' or 'floor'. */
  role: 'utf8',
  statistic: 'utf8',
  metric: 'utf8',
  /** Whether `metric` is the reference metric of the study: the one of ceilings and floors. */
  is_reference_metric: 'bool',
  /** Metric of the reference, for a statistic that compares with it. */
  reference_metric: 'utf8?',
  k: 'int32?',
  /** Resampled units: 'cells', 'types' or 'seeds'; null: no interval. */
  resampled: 'utf8?',
  value: 'float64?',
  lo: 'float64?',
  hi: 'float64?',
  /** Value minus that of the reference. */
  difference: 'float64?',
  difference_lo: 'float64?',
  difference_hi: 'float64?',
} as const satisfies Schema;

/** Histogram of the share of genes with no count in a cell; bins are [start, end), the last one closed. */
export const sparsityTable = {
  /** 'all' (cells of the source) or 'sampled'. */
  scope: 'utf8',
  bin_start: 'float64',
  bin_end: 'float64',
  cells: 'int64',
} as const satisfies Schema;

/** Numbers of cells by label: one row per label of the source, also those that are left out. */
export const cellTypesTable = {
  label: 'utf8',
  cells_total: 'int64',
  cells_passing: 'int64',
  cells_sampled: 'int64',
} as const satisfies Schema;

/** Whether a larger value means that two cells are more alike ('similarity') or less ('distance'). */
export type Orientation = 'similarity' | 'distance';

/** Summary of the values of a set of pairs; null where there is no value. */
export interface DistributionSummary {
  /** Number of pairs that have a value. */
  readonly n: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly q05: number | null;
  readonly q25: number | null;
  readonly median: number | null;
  readonly q75: number | null;
  readonly q95: number | null;
}

/** Distribution of one measure over all pairs of cells (JSON), as the stage `similarity` writes it. */
export interface Distribution {
  readonly metric: string;
  readonly orientation: Orientation;
  /** Number of genes that take part, zeros included; absent for an embedding. */
  readonly genes_used?: number;
  /** Number of dimensions, for an embedding. */
  readonly dims?: number;
  readonly cells: number;
  readonly within: DistributionSummary;
  readonly between: DistributionSummary;
  readonly auroc: number | null;
  /** Largest error of `auroc` (0 if it is exact). */
  readonly auroc_error_bound: number | null;
  readonly cliffs_delta: number | null;
  /** Counts of pairs in equal bins, for plots: edges.length − 1 bins, the last one closed. */
  readonly histogram: {
    readonly edges: readonly number[];
    readonly within: readonly number[];
    readonly between: readonly number[];
  };
}
