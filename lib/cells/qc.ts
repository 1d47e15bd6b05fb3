/** Quality control of cells: limits, and which cells are within them. */

/** Limits of quality control. Bounds are inclusive, as in scanpy's `filter_cells`; null is no limit. */
export interface QcLimits {
  /** Fewest detected genes (count > 0). */
  readonly minGenes: number | null;
  /** Fewest total counts. */
  readonly minCounts: number | null;
  /** Largest share of mitochondrial counts, in percent. */
  readonly maxMitoPercent: number | null;
}

/** Metrics that quality control looks at, one entry per cell. */
export interface QcMetrics {
  readonly label: readonly (string | null)[];
  readonly n_genes: ArrayLike<number>;
  readonly total_counts: ArrayLike<number>;
  /** NaN where it is unknown: no gene is named as mitochondrial, or the cell has no counts. */
  readonly mito_percent: ArrayLike<number>;
}

export interface QcResult {
  readonly passing: boolean[];
  /** Number of cells that each rule drops; a cell that breaks several rules counts under each. */
  readonly dropped: { readonly [rule in QcRule]: number };
}

export type QcRule = 'label' | 'minGenes' | 'minCounts' | 'maxMitoPercent';

/**
 * Judges every cell. A cell passes if it has a label and lies within all limits. An unknown mitochondrial
 * share passes: an atlas without mitochondrial genes must not lose all its cells.
 */
export function passingCells(metrics: QcMetrics, limits: QcLimits): QcResult {
  const { minGenes, minCounts, maxMitoPercent } = limits;
  const dropped = { label: 0, minGenes: 0, minCounts: 0, maxMitoPercent: 0 };
  const passing = metrics.label.map((label, i) => {
    const broken: QcRule[] = [];
    if (label === null) broken.push('label');
    if (minGenes !== null && metrics.n_genes[i] < minGenes) broken.push('minGenes');
    if (minCounts !== null && metrics.total_counts[i] < minCounts) broken.push('minCounts');
    if (maxMitoPercent !== null && metrics.mito_percent[i] > maxMitoPercent) broken.push('maxMitoPercent');
    for (const rule of broken) dropped[rule]++;
    return broken.length === 0;
  });
  return { passing, dropped };
}
