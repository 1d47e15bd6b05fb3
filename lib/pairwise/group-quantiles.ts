/**
 * Exact quantiles of a group of pairs in memory, in two walks over its values: the first counts them, the second
 * takes those of the bins that hold the wanted order statistics, which are few enough to be sorted.
 */
import type { ValueCounter, ValueRows } from '../kernels/counts.ts';
import type { HeldValues } from './held-values.ts';
import { type FiveQuantiles, quantilesFrom, wantedRanks } from './quantiles.ts';
import { type BinRanges, binOf } from './value-grid.ts';

/** Fewer values are sorted at once. */
const FEW = 4096;

/** Sets of marked bins: of those whose values are held, of those that a group's quantiles are in, and of both. */
export const HELD = 0;
export const OWN = 1;
export const EITHER = 2;

export interface DescribedGroup {
  readonly n: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Null for a group without values. */
  readonly quantiles: FiveQuantiles | null;
}

/** Marks bins that values are to be taken from. */
export function markRanges(counter: ValueCounter, set: 0 | 1 | 2, ranges: BinRanges): void {
  for (const [from, to] of ranges) counter.mark(set, from, to);
}

/** Describes one group after the other. */
export class GroupQuantiles {
  readonly #counter: ValueCounter;
  readonly #histogram: number;
  #held: HeldValues | undefined;

  /** @param histogram of the counter, which nothing else uses; it is left empty */
  constructor(counter: ValueCounter, histogram: number) {
    this.#counter = counter;
    this.#histogram = histogram;
  }

  /** Describes values, adds them to the histogram `scope`, and those that are to be held to `held`. */
  of(values: ValueRows, scope: number, held: HeldValues): DescribedGroup {
    const counter = this.#counter;
    const n = counter.load(values);
    if (n === 0) return { n, sum: 0, min: 0, max: 0, quantiles: null };
    this.#hold(held);
    if (n < FEW) {
      const moments = counter.count(scope);
      counter.gather(HELD);
      held.add(counter.sift(HELD));
      const sorted = counter.sorted();
      return { n, ...moments, quantiles: quantilesFrom(n, (rank) => sorted[rank]) };
    }
    const moments = counter.count(this.#histogram);
    const { grid } = counter;
    const ranks = wantedRanks(n);
    const span = [binOf(grid, moments.min), binOf(grid, moments.max) + 1] as const;
    const places = counter.settle(this.#histogram, span, scope, ranks);
    const lists = this.#gather([...new Set(places.map(({ bin }) => bin))], held);
    const valueAt = new Map(
      ranks.map((rank, i) => [rank, lists.get(places[i].bin)![rank - places[i].below]]),
    );
    return { n, ...moments, quantiles: quantilesFrom(n, (rank) => valueAt.get(rank)!) };
  }

  /** The values of each of these bins, ascending; those to be held go to `held`. */
  #gather(bins: readonly number[], held: HeldValues): ReadonlyMap<number, Float32Array> {
    const counter = this.#counter;
    for (const bin of bins) {
      counter.mark(OWN, bin, bin + 1);
      counter.mark(EITHER, bin, bin + 1);
    }
    counter.gather(EITHER);
    held.add(counter.sift(HELD));
    const lists = new Map(bins.map((bin) => [bin, [] as number[]]));
    for (const value of counter.sift(OWN)) lists.get(binOf(counter.grid, value))!.push(value);
    for (const bin of bins) {
      counter.mark(OWN, bin, bin + 1, false);
      counter.mark(EITHER, bin, bin + 1, counter.isMarked(HELD, bin));
    }
    return new Map([...lists].map(([bin, values]) => [bin, sortedValues(values)]));
  }

  /** Marks what is to be held from now on. */
  #hold(held: HeldValues): void {
    if (this.#held === held) return;
    const before: BinRanges = this.#held?.ranges ?? [[0, this.#counter.grid.bins]];
    this.#held = held;
    for (const set of [HELD, EITHER] as const) {
      for (const [from, to] of before) this.#counter.mark(set, from, to, false);
      markRanges(this.#counter, set, held.ranges);
    }
  }

  /** Forgets what was marked, after somebody else has marked something. */
  reset(): void {
    this.#held = undefined;
  }
}

/** Ascending. Values that are all equal, as ties are, need no sorting. */
function sortedValues(values: readonly number[]): Float32Array {
  const floats = Float32Array.from(values);
  return floats.every((value) => value === floats[0]) ? floats : floats.sort();
}
