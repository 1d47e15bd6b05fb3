/**
 * The bootstrap (Efron and Tibshirani 1993): how often each cell, or each type, is drawn in each resample. The draws
 * come from the sample alone, so that all subjects share them and their differences are paired.
 */
import type { RandomStream } from '../flow/random.ts';
import { ranksOf } from '../pairwise/quantiles.ts';

export interface Resamples {
  readonly draws: number;
  readonly typeCount: number;
  /** Draws × cells: how often a cell is drawn, among the cells of its type. */
  readonly cells: Uint16Array;
  /** Draws × types. */
  readonly types: Uint16Array;
}

/**
 * @param typeOf type of each cell: cells are drawn within types, so that every type keeps its size
 * @param streams one for cells, one for types
 */
export function resample(
  typeOf: Int32Array,
  types: number,
  draws: number,
  streams: { readonly cells: RandomStream; readonly types: RandomStream },
): Resamples {
  const n = typeOf.length;
  const members = Array.from({ length: types }, () => [] as number[]);
  for (let cell = 0; cell < n; cell++) members[typeOf[cell]].push(cell);
  const result = {
    draws,
    typeCount: types,
    cells: new Uint16Array(draws * n),
    types: new Uint16Array(draws * types),
  };
  for (let draw = 0; draw < draws; draw++) {
    const stream = streams.cells.at(draw);
    for (const own of members) {
      for (let i = 0; i < own.length; i++) result.cells[draw * n + own[stream.int(own.length)]]++;
    }
    const ofTypes = streams.types.at(draw);
    for (let t = 0; t < types; t++) result.types[draw * types + ofTypes.int(types)]++;
  }
  return result;
}

export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** Fewer draws with a value give no interval. */
const LEAST_SHARE = 0.5;

/**
 * The percentile interval of 95 %: quantiles of the draws, linear between order statistics. Draws without a value (of
 * types, one type alone) are left out; NaN if that leaves less than half of them.
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
