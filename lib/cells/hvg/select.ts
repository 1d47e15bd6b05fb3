/** From scores to a choice of genes: scanpy's rules for `n_top_genes` and for the cut-offs. */

/**
 * True for scores at or above the `top`-th highest: ties at the threshold give more than `top`. Missing
 * scores (NaN) are not counted and, unless the threshold is −∞, not chosen. With fewer scores than `top`,
 * all of them.
 */
export function highest(scores: Float64Array, top: number): boolean[] {
  const known = scores.filter((score) => !Number.isNaN(score)).sort();
  if (known.length === 0) return new Array(scores.length).fill(false);
  const threshold = known[known.length - Math.min(top, known.length)];
  return Array.from(scores, (score) => {
    // numpy.nan_to_num(score, nan = −∞) makes infinities finite, too.
    const finite = Number.isNaN(score)
      ? Number.NEGATIVE_INFINITY
      : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, score));
    return finite >= threshold;
  });
}

export interface CutOffs {
  readonly minMean: number;
  readonly maxMean: number;
  readonly minDisp: number;
}

/** All bounds strict; a missing score counts as 0. */
export function withinCutOffs(means: Float64Array, scores: Float64Array, cut: CutOffs): boolean[] {
  return Array.from(means, (mean, g) => {
    const score = Number.isNaN(scores[g]) ? 0 : scores[g];
    return mean > cut.minMean && mean < cut.maxMean && score > cut.minDisp;
  });
}
