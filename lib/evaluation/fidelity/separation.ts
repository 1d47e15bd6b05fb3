/** Separation of pairs within types from pairs between types, with its values in each resample. */
import { type Metric, orientationOf } from '../../pairwise/spaces/metric.ts';
import { groupOf } from '../../pairwise/tiles/type-pairs.ts';
import type { Estimate } from '../../stats/estimate.ts';
import type { Resamples } from '../../stats/resample.ts';
import { oncePerView } from './once-per-view.ts';
import { CELL_SUMS, groupSumsOf, SCOPE_SUMS } from './pair-sums.ts';
import type { ViewProfile } from './profile.ts';
import { coarseBinsOf } from './value-shares.ts';

/** Computes sums over all pairs of cells from the sums of cells: pairs within, then pairs between; see CELL_SUMS. */
function pairTotals(cells: Float64Array): Float64Array {
  const totals = new Float64Array(CELL_SUMS);
  for (let i = 0; i < cells.length; i++) totals[i % CELL_SUMS] += cells[i] / 2;
  return totals;
}

/**
 * Approximates the sums over pairs for a resample of cells. If cell i is drawn w_i times, a pair has the weight w_i·w_j,
 * which near 1 is w_i + w_j − 1. Sums over pairs are then the sum over all pairs plus Σ (w_i − 1) times the sum over the
 * pairs of cell i. This linear part is the Hájek projection; the remainder is of the order of 1/n.
 *
 * @param weights how often each cell is drawn
 */
function drawnTotals(cells: Float64Array, totals: Float64Array, weights: Uint16Array): Float64Array {
  const drawn = totals.slice();
  for (let scope = 0; scope < CELL_SUMS; scope += SCOPE_SUMS) {
    let n = totals[scope];
    let sum = totals[scope + 1];
    let squares = totals[scope + 2];
    let shares = totals[scope + 3];
    for (let cell = 0, at = scope; cell < weights.length; cell++, at += CELL_SUMS) {
      const more = weights[cell] - 1;
      n += more * cells[at];
      sum += more * cells[at + 1];
      squares += more * cells[at + 2];
      shares += more * cells[at + 3];
    }
    drawn.set([n, sum, squares, shares], scope);
  }
  return drawn;
}

/** AUROC, and the gap over the spread; computed once for a view. */
export const separation = oncePerView(separate);

function separate(profile: ViewProfile, resamples: Resamples): { auroc: Estimate; gap: Estimate } {
  const { auroc, groups, view } = profile;
  const types = resamples.typeCount;
  const value = auroc ?? Number.NaN;
  const totals = pairTotals(profile.cells);
  const drawn = Array.from({ length: resamples.draws }, (_, draw) =>
    drawnTotals(profile.cells, totals, resamples.cells(draw)),
  );
  const [all] = groupSums(groups, types, new Uint16Array(types).fill(1));
  const own = meanShare(totals);
  const ofTypes = groupSums(groups, types, resamples.types);
  const binned = binnedAuroc(all, view.metric);
  return {
    auroc: {
      value,
      cells: Float64Array.from(drawn, (sums) => value + meanShare(sums) - own),
      types: Float64Array.from(ofTypes, (sums) => value + binnedAuroc(sums, view.metric) - binned),
    },
    gap: {
      value: gapOverSpread(all.moments, view.metric),
      cells: Float64Array.from(drawn, (s) =>
        gapOverSpread([s[0], s[1], s[2], s[4], s[5], s[6]], view.metric),
      ),
      types: Float64Array.from(ofTypes, ({ moments }) => gapOverSpread(moments, view.metric)),
    },
  };
}

/** Mean share of pairs within plus that of pairs between, whose changes with the weights of cells are those of AUROC. */
const meanShare = (sums: ArrayLike<number>) => sums[3] / sums[0] + sums[7] / sums[4];

/**
 * Computes (mean within − mean between) / √((variance within + variance between) / 2): Cohen's d with equal weights of both
 * variances, the d′ of signal detection. Larger values are further apart, also for distances. NaN without pairs or spread.
 *
 * @param moments n, sum and sum of squares within, and the same between
 */
export function gapOverSpread(moments: ArrayLike<number>, metric: Metric): number {
  const [n, sum, squares, m, other, otherSquares] = Array.from(moments);
  const [within, between] = [sum / n, other / m];
  const variance = Math.max(0, squares / n - within * within);
  const otherVariance = Math.max(0, otherSquares / m - between * between);
  const spread = Math.sqrt((variance + otherVariance) / 2);
  if (!(spread > 0)) return Number.NaN;
  return (orientationOf(metric) === 'similarity' ? within - between : between - within) / spread;
}

interface WeightedSums {
  /** Moments: n, sum and sum of squares of pairs within, and the same of pairs between. */
  readonly moments: Float64Array;
  readonly within: Float64Array;
  readonly between: Float64Array;
}

/**
 * Computes sums over all pairs of types, for each row of weights: a pair of a type with itself has the weight of the type, a
 * pair of two types the product of their weights. The outer loop is over second types, whose histograms stay in the cache
 * for all rows.
 *
 * @param weights rows × types
 */
function groupSums(groups: Float64Array, types: number, weights: Uint16Array): WeightedSums[] {
  const [bins, width] = [coarseBinsOf(types), groupSumsOf(types)];
  const rows = Array.from({ length: weights.length / types }, (_, row) => ({
    weights: weights.subarray(row * types, (row + 1) * types),
    sums: {
      moments: new Float64Array(6),
      within: new Float64Array(bins),
      between: new Float64Array(bins),
    },
  }));
  for (let b = 0; b < types; b++) {
    const ofType = groups.subarray(groupOf(0, b) * width, groupOf(0, b + 1) * width);
    for (const row of rows) if (row.weights[b] > 0) addType(row.sums, ofType, b, row.weights);
  }
  return rows.map(({ sums }) => sums);
}

/** Adds the pairs of type `b` with itself and with earlier types, whose groups are consecutive. */
function addType(
  { moments, within, between }: WeightedSums,
  groups: Float64Array,
  b: number,
  weights: Uint16Array,
): void {
  const own = weights[b];
  const width = 3 + within.length;
  for (let a = 0; a <= b; a++) {
    const weight = a === b ? own : weights[a] * own;
    for (let s = 0; s < 3; s++) moments[(a === b ? 0 : 3) + s] += weight * groups[a * width + s];
  }
  // Counts are whole numbers, whose sums are exact in any order: four bins at a time are summed in registers.
  const first = b * width + 3;
  for (let bin = 0; bin < within.length; bin += 4) {
    let [n0, n1, n2, n3] = [0, 0, 0, 0];
    for (let a = 0, at = 3 + bin; a < b; a++, at += width) {
      const weight = weights[a];
      n0 += weight * groups[at];
      n1 += weight * groups[at + 1];
      n2 += weight * groups[at + 2];
      n3 += weight * groups[at + 3];
    }
    between[bin] += own * n0;
    between[bin + 1] += own * n1;
    between[bin + 2] += own * n2;
    between[bin + 3] += own * n3;
    for (let i = bin; i < bin + 4; i++) within[i] += own * groups[first + i];
  }
}

/** Computes AUROC with values of one coarse bin as ties; NaN if there are no pairs within or between. */
function binnedAuroc({ within, between, moments }: WeightedSums, metric: Metric): number {
  let [above, below] = [0, 0];
  for (let bin = 0; bin < within.length; bin++) {
    above += within[bin] * (below + between[bin] / 2);
    below += between[bin];
  }
  const share = above / (moments[0] * moments[3]);
  return orientationOf(metric) === 'similarity' ? share : 1 - share;
}
