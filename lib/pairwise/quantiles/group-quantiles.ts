/**
 * Exact quantiles of a group of pairs in memory, in two walks over its values. The first walk counts them; the second
 * takes the values of the bins that contain the wanted order statistics, few enough to be sorted.
 */
import { LINE, type LinePlace, type ValueCounter, type ValueRows } from '../../kernels/counts.ts';
import { type FiveQuantiles, quantilesFrom, wantedRanks } from '../../stats/quantiles.ts';
import type { HeldValues } from './held-values.ts';
import { type BinRanges, binOf } from './value-grid.ts';

/** Number of values below which all are sorted, without counting first. */
const FEW = 4096;

/** Sets of marked bins: `HELD` bins have their values held for the scope, `OWN` bins for one large group. */
export const HELD = 0;
export const OWN = 1;
/** Sets of marked lines: values are gathered from `WANTED` lines; `RANKED` lines contain a group's order statistics. */
export const WANTED = 2;
export const RANKED = 3;

export interface DescribedGroup {
  readonly n: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Quantiles; null for a group without values. */
  readonly quantiles: FiveQuantiles | null;
}

/** Marks bins whose values are to be held, and the lines that these values are gathered from. */
export function markRanges(counter: ValueCounter, set: typeof HELD | typeof OWN, ranges: BinRanges): void {
  for (const [from, to] of ranges) {
    counter.mark(set, from, to);
    counter.mark(WANTED, Math.floor(from / LINE), Math.ceil(to / LINE));
  }
}

/** Computation of the moments and quantiles of groups, one after the other. */
export class GroupQuantiles {
  readonly #counter: ValueCounter;
  #held: HeldValues | undefined;

  constructor(counter: ValueCounter) {
    this.#counter = counter;
  }

  /** Describes values, and adds all of them to the histogram `scope` and those of the marked bins to `held`. */
  of(values: ValueRows, scope: number, held: HeldValues): DescribedGroup {
    const counter = this.#counter;
    const n = counter.load(values);
    if (n === 0) return { n, sum: 0, min: 0, max: 0, quantiles: null };
    this.#hold(held);
    if (n < FEW) {
      const moments = counter.countAside(scope);
      counter.gather(WANTED);
      held.add(counter.sift(HELD));
      const sorted = counter.sorted();
      return { n, ...moments, quantiles: quantilesFrom(n, (rank) => sorted[rank]) };
    }
    const moments = counter.count(scope);
    const { grid } = counter;
    const ranks = wantedRanks(n);
    const span = [binOf(grid, moments.min), binOf(grid, moments.max) + 1] as const;
    const places = counter.seek(scope, span, ranks);
    const valueAt = this.#valuesAt(ranks, places, held);
    return { n, ...moments, quantiles: quantilesFrom(n, (rank) => valueAt.get(rank)!) };
  }

  /** Returns the value of each rank, and adds the values of the marked bins to `held`. */
  #valuesAt(
    ranks: readonly number[],
    places: readonly LinePlace[],
    held: HeldValues,
  ): ReadonlyMap<number, number> {
    const counter = this.#counter;
    const wanted = places.map(({ line }) => counter.isMarked(WANTED, line));
    for (const { line } of places) {
      counter.mark(WANTED, line, line + 1);
      counter.mark(RANKED, line, line + 1);
    }
    counter.gather(WANTED);
    held.add(counter.sift(HELD));
    const sorted = counter.siftSorted(RANKED);
    for (const [i, { line }] of places.entries()) {
      counter.mark(WANTED, line, line + 1, wanted[i]);
      counter.mark(RANKED, line, line + 1, false);
    }
    const valueAt = new Map<number, number>();
    // The sorted values of a line follow those of the ranked lines before it.
    let start = 0;
    for (const [i, { line, below, own }] of places.entries()) {
      valueAt.set(ranks[i], sorted[start + ranks[i] - below]);
      if (line !== places[i + 1]?.line) start += own;
    }
    return valueAt;
  }

  /** Marks the bins of `held`, if they are not those marked last. */
  #hold(held: HeldValues): void {
    if (this.#held === held) return;
    this.#held = held;
    for (const set of [HELD, WANTED] as const) this.#counter.markAll(set, false);
    markRanges(this.#counter, HELD, held.ranges);
  }

  /** Forces the next call to mark its bins anew, after other code has changed the counter's marks. */
  reset(): void {
    this.#held = undefined;
  }
}
