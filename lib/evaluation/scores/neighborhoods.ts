/** Integration metrics from lists of nearest neighbours: graph connectivity and LISI. */

import { exp, log } from '../../kernels/math.ts';
import { medianOfSorted } from '../../stats/quantiles.ts';
import { groupsOf } from './groups.ts';

/** Neighbour lists: `k` other rows for each row, by distance; the row itself is not among them. */
export interface Neighborhoods {
  readonly rows: number;
  readonly k: number;
  /** Neighbours, rows × k, row-major; `distances` likewise. */
  readonly indices: ArrayLike<number>;
  readonly distances: ArrayLike<number>;
}

/**
 * Computes graph connectivity (scIB): the share of a label's cells that lie in its largest component, averaged over labels.
 * Cells of a label are joined if either is among the other's neighbours.
 */
export function graphConnectivity({ rows, k, indices }: Neighborhoods, labels: readonly string[]): number {
  const { of, sizes } = groupsOf(labels);
  const parent = Int32Array.from({ length: rows }, (_, row) => row);
  const root = (row: number): number => {
    let at = row;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  for (let row = 0; row < rows; row++) {
    for (let e = row * k; e < (row + 1) * k; e++) {
      if (of[indices[e]] === of[row]) parent[root(row)] = root(indices[e]);
    }
  }
  const members = new Int32Array(rows);
  const largest = new Int32Array(sizes.length);
  for (let row = 0; row < rows; row++) {
    const count = ++members[root(row)];
    if (count > largest[of[row]]) largest[of[row]] = count;
  }
  return sizes.reduce((sum, size, label) => sum + largest[label] / size, 0) / sizes.length;
}

const TOLERANCE = 1e-5;
const STEPS = 50;

export interface Lisi {
  /** Rate β of the weights exp(−β·distance). */
  readonly beta: number;
  /** Effective number of labels among the neighbours: 1 … labels. NaN if there are no neighbours. */
  readonly lisi: number;
}

/**
 * Computes the local inverse Simpson's index of one cell (Korsunsky et al. 2019), 1 / Σ p² over the shares p of the labels.
 * Its neighbours have weights exp(−β·d), with β, found by bisection, such that the entropy of the weights is
 * log(perplexity).
 *
 * @param distances distances of the neighbours, without the cell itself
 * @param labels number of the label of each neighbour
 */
export function lisiOf(
  distances: ArrayLike<number>,
  labels: ArrayLike<number>,
  count: number,
  perplexity: number,
): Lisi {
  const n = distances.length;
  const wanted = log(perplexity);
  const weights = new Float64Array(n);
  let beta = 1;
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  let difference = weigh() - wanted;
  for (let step = 0; step < STEPS && Math.abs(difference) > TOLERANCE; step++) {
    if (difference > 0) {
      low = beta;
      beta = high === Number.POSITIVE_INFINITY ? beta * 2 : (beta + high) / 2;
    } else {
      high = beta;
      beta = low === Number.NEGATIVE_INFINITY ? beta / 2 : (beta + low) / 2;
    }
    difference = weigh() - wanted;
  }
  const shares = new Float64Array(count);
  for (let i = 0; i < n; i++) shares[labels[i]] += weights[i];
  const simpson = shares.reduce((sum, share) => sum + share * share, 0);
  return { beta, lisi: simpson > 0 ? 1 / simpson : Number.NaN };

  /** Sets the weights of the current β, with sum 1, and returns their entropy. Shifting all distances changes neither. */
  function weigh(): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < n; i++) nearest = Math.min(nearest, distances[i]);
    let sum = 0;
    let moment = 0;
    for (let i = 0; i < n; i++) {
      const shift = distances[i] - nearest;
      weights[i] = exp(-beta * shift);
      sum += weights[i];
      moment += beta * shift * weights[i];
    }
    for (let i = 0; i < n; i++) weights[i] /= sum;
    return n === 0 ? 0 : log(sum) + moment / sum;
  }
}

/** Computes the index of every cell; the perplexity is a third of the neighbours, as in the original. */
export function lisi(
  { rows, k, indices, distances }: Neighborhoods,
  labels: readonly string[],
): Float64Array {
  const { of, names } = groupsOf(labels);
  const own = new Float64Array(k);
  const near = new Int32Array(k);
  return Float64Array.from({ length: rows }, (_, row) => {
    for (let i = 0; i < k; i++) {
      own[i] = distances[row * k + i];
      near[i] = of[indices[row * k + i]];
    }
    return lisiOf(own, near, names.length, Math.max(1, Math.floor(k / 3))).lisi;
  });
}

/** Scales iLISI to 0 … 1: (median − 1) / (batches − 1); 1 means mixed. NaN for one batch. */
export function mixingOf(indices: Float64Array, batches: number): number {
  return batches < 2 ? Number.NaN : (median(indices) - 1) / (batches - 1);
}

/** Scales cLISI to 0 … 1: (labels − median) / (labels − 1); 1 means separate. NaN for one label. */
export function separationOf(indices: Float64Array, labels: number): number {
  return labels < 2 ? Number.NaN : (labels - median(indices)) / (labels - 1);
}

const median = (values: Float64Array): number => medianOfSorted(values.slice().sort());
