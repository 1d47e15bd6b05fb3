/** Histogram of sparsity: the share of genes with no count in a cell, in bins of 0.02 from 0 to 1. */

const SPARSITY_BINS = 50;

/**
 * Cells per bin; bin i is [i/50, (i + 1)/50), the last one closed. A share that rounding left just below an edge
 * (1 − 42/100 is a little less than 0.58) counts as on it.
 */
function sparsityHistogram(shares: Float64Array): Float64Array {
  const cells = new Float64Array(SPARSITY_BINS);
  for (const share of shares) {
    if (!(share >= 0 && share <= 1))
      throw new RangeError(`Internal error: expected 0 ≤ sparsity ≤ 1, got ${share}`);
    cells[Math.min(SPARSITY_BINS - 1, Math.floor(share * SPARSITY_BINS + 1e-9))]++;
  }
  return cells;
}

/** Histograms of all cells of the source and of the sampled ones, as a table. */
export function sparsityColumns(shares: { readonly all: Float64Array; readonly sampled: Float64Array }) {
  const scopes = Object.entries(shares);
  const bins = Array.from({ length: SPARSITY_BINS }, (_, i) => i);
  return {
    scope: scopes.flatMap(([scope]) => bins.map(() => scope)),
    bin_start: Float64Array.from(scopes.flatMap(() => bins.map((i) => i / SPARSITY_BINS))),
    bin_end: Float64Array.from(scopes.flatMap(() => bins.map((i) => (i + 1) / SPARSITY_BINS))),
    cells: Float64Array.from(scopes.flatMap(([, values]) => Array.from(sparsityHistogram(values)))),
  };
}
