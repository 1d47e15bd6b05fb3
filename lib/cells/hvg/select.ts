/**
 * Choice of genes by their scores: scanpy's rules for `n_top_genes` and for the cut-offs. Scores are compared in ten
 * significant digits. Many are equal in exact arithmetic but not as computed: both genes of a bin of two are ±√½ from its
 * mean, whatever their dispersions, but for some 1e-15 of rounding, which must not decide the choice.
 */

/** Score in ten significant digits; unchanged if not finite. */
export const settled = (score: number): number =>
  Number.isFinite(score) ? Number(score.toPrecision(10)) : score;

/**
 * True for scores at or above the `top`-th highest: ties at the threshold give more than `top`. Missing scores (NaN) are
 * not counted and, unless the threshold is −∞, not chosen. With fewer scores than `top`, all of them are chosen.
 */
export function highest(scores: Float64Array, top: number): boolean[] {
  const known = scores
    .filter((score) => !Number.isNaN(score))
    .map(settled)
    .sort();
  if (known.length === 0) return new Array(scores.length).fill(false);
  const threshold = known[known.length - Math.min(top, known.length)];
  return Array.from(scores, (score) => {
    // numpy.nan_to_num(score, nan = −∞) makes infinities finite, too.
    const finite = Number.isNaN(score)
      ? Number.NEGATIVE_INFINITY
      : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, settled(score)));
    return finite >= threshold;
  });
}

export interface CutOffs {
  readonly minMean: number;
  readonly maxMean: number;
  readonly minDisp: number;
}

/** True for genes whose mean and score lie within the cut-offs. All bounds are strict; a missing score counts as 0. */
export function withinCutOffs(means: Float64Array, scores: Float64Array, cut: CutOffs): boolean[] {
  return Array.from(means, (mean, g) => {
    const score = Number.isNaN(scores[g]) ? 0 : settled(scores[g]);
    return mean > cut.minMean && mean < cut.maxMean && score > settled(cut.minDisp);
  });
}
