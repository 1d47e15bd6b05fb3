/**
 * Exact silhouette widths over all pairs (Rousseeuw 1987): s = (b − a) / max(a, b), with a the mean distance of a cell to
 * the others of its group and b the least mean distance to another group. A cell that is alone in its group has 0, as in
 * scikit-learn. The averages on 0 … 1 are those of scIB (Luecken et al. 2022).
 *
 * Time is rows² · dims, memory rows and groups: for a sample of cells, not for an atlas.
 */
import { distancesFrom, type Points } from './distances.ts';
import { type Groups, groupsOf } from './groups.ts';

/** Computes the width of each row; NaN for all if there are fewer than two groups. */
export function silhouette(points: Points, labels: readonly string[]): Float64Array {
  const groups = groupsOf(labels);
  const widths = new Float64Array(points.rows);
  if (groups.names.length < 2) return widths.fill(Number.NaN);
  const distances = new Float64Array(points.rows);
  const sums = new Float64Array(groups.names.length);
  for (let row = 0; row < points.rows; row++) {
    distancesFrom(points, row, distances);
    sums.fill(0);
    for (let other = 0; other < points.rows; other++) sums[groups.of[other]] += distances[other];
    widths[row] = widthOf(groups, row, sums);
  }
  return widths;
}

/** Computes the width of a row from the sums of its distances to each group. */
function widthOf({ of, sizes }: Groups, row: number, sums: Float64Array): number {
  const own = of[row];
  if (sizes[own] === 1) return 0;
  const a = sums[own] / (sizes[own] - 1);
  let b = Number.POSITIVE_INFINITY;
  for (let group = 0; group < sizes.length; group++) {
    if (group !== own) b = Math.min(b, sums[group] / sizes[group]);
  }
  const larger = Math.max(a, b);
  return larger === 0 ? 0 : (b - a) / larger;
}

/** Computes the average silhouette width of the labels, 0 … 1: (mean + 1) / 2. NaN for fewer than two labels. */
export function labelWidth(points: Points, labels: readonly string[]): number {
  return (mean(silhouette(points, labels)) + 1) / 2;
}

/**
 * Computes the mixing of batches within labels, 0 … 1: 1 − |s| with batches as groups, averaged within each label, then over
 * labels. Labels with one batch, or with as many batches as cells, are left out; NaN if no label remains.
 */
export function batchWidth(points: Points, labels: readonly string[], batches: readonly string[]): number {
  const { of, names } = groupsOf(labels);
  const scores: number[] = [];
  for (let label = 0; label < names.length; label++) {
    const members = Int32Array.from(of.keys()).filter((row) => of[row] === label);
    const own = Array.from(members, (row) => batches[row]);
    const different = new Set(own).size;
    if (different < 2 || different === own.length) continue;
    const widths = silhouette(rowsOf(points, members), own);
    scores.push(mean(widths.map((width) => 1 - Math.abs(width))));
  }
  return mean(Float64Array.from(scores));
}

function rowsOf({ dims, values }: Points, members: Int32Array): Points {
  const picked = new Float64Array(members.length * dims);
  for (const [i, row] of members.entries()) {
    picked.set(values.subarray(row * dims, (row + 1) * dims), i * dims);
  }
  return { rows: members.length, dims, values: picked };
}

/** Mean of values; NaN without values. */
function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
