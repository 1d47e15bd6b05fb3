/**
 * Bootstrap (Efron and Tibshirani 1993): number of times that each cell, or each type, is drawn in each resample. The
 * draws depend on the sample only, so that all subjects share them and their differences are paired.
 */
import type { RandomStream } from '../flow/random.ts';
import { ranksOf } from './quantiles.ts';

export interface Resamples {
  readonly draws: number;
  readonly typeCount: number;
  /** Returns how often each cell is drawn, among the cells of its type. Invalid after the next call. */
  cells(draw: number): Uint16Array;
  /** Number of times that each type is drawn, draws × types. */
  readonly types: Uint16Array;
}

/** Largest number of draws × cells that are kept (256 MB); beyond, each draw is computed anew when it is read. */
const MOST_KEPT = 2 ** 27;

/**
 * Draws resamples of cells and of types.
 *
 * @param typeOf type of each cell: cells are drawn within types, so that every type keeps its size
 * @param streams random streams, one for cells, one for types
 * @param mostKept largest number of draws × cells that are kept; smaller in tests
 */
export function resample(
  typeOf: Int32Array,
  types: number,
  draws: number,
  streams: { readonly cells: RandomStream; readonly types: RandomStream },
  mostKept = MOST_KEPT,
): Resamples {
  const n = typeOf.length;
  const members = Array.from({ length: types }, () => [] as number[]);
  for (let cell = 0; cell < n; cell++) members[typeOf[cell]].push(cell);
  const drawCells = (draw: number, counts: Uint16Array): Uint16Array => {
    const stream = streams.cells.at(draw);
    counts.fill(0);
    for (const own of members) {
      for (let i = 0; i < own.length; i++) counts[own[stream.int(own.length)]]++;
    }
    return counts;
  };
  const isKept = draws * n <= mostKept;
  const kept = new Uint16Array(isKept ? draws * n : n);
  const ofTypes = new Uint16Array(draws * types);
  for (let draw = 0; draw < draws; draw++) {
    if (isKept) drawCells(draw, kept.subarray(draw * n, (draw + 1) * n));
    const stream = streams.types.at(draw);
    for (let t = 0; t < types; t++) ofTypes[draw * types + stream.int(types)]++;
  }
  return {
    draws,
    typeCount: types,
    cells: (draw) => (isKept ? kept.subarray(draw * n, (draw + 1) * n) : drawCells(draw, kept)),
    types: ofTypes,
  };
}

export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** Smallest share of draws with a value that gives an interval. */
const LEAST_SHARE = 0.5;

/**
 * Returns the percentile interval of 95 %: quantiles of the draws, linear between order statistics. Draws without a value
 * (such as a draw of types with only one type) are left out; NaN if less than half of the draws remain.
 */
export function percentileInterval(draws: Float64Array): Interval {
  const sorted = draws.filter((value) => Number.isFinite(value)).sort();
  const none = sorted.length === 0 || sorted.length < draws.length * LEAST_SHARE;
  if (none) return { lo: Number.NaN, hi: Number.NaN };
  const quantile = (p: number) => {
    const { low, high, fraction } = ranksOf(p, sorted.length);
    return sorted[low] + (sorted[high] - sorted[low]) * fraction;
  };
  return { lo: quantile(0.025), hi: quantile(0.975) };
}
