/**
 * Exact quantiles of a group of pairs in memory, in two walks over its values: the first counts them, the second
 * takes those of the bins that hold the wanted order statistics, which are few enough to be sorted.
 */
import type { ValueCounter } from '../kernels/counts.ts';
import type { HeldValues } from './held-values.ts';
import { type FiveQuantiles, quantilesFrom, wantedRanks } from './quantiles.ts';
import { binOf } from './value-grid.ts';

/** Fewer values are sorted at once. */
const FEW = 4096;

export interface DescribedGroup {
  readonly n: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Null for a group without values. */
  readonly quantiles: FiveQuantiles | null;
}

/** Describes one group after the other. */
export class GroupQuantiles {
  readonly #counter: ValueCounter;
  readonly #own: number;
  /** Of each bin: which of the sorted lists its values go to; −1 for none. */
  readonly #listOf: Int8Array;
  #held: HeldValues | undefined;
  /** 1 for bins whose values are held for the scope. */
  readonly #isHeld: Uint8Array;

  /** @param own a histogram of the counter that nothing else uses; it is left empty */
  constructor(counter: ValueCounter, own: number) {
    this.#counter = counter;
    this.#own = own;
    this.#listOf = new Int8Array(counter.grid.bins).fill(-1);
    this.#isHeld = new Uint8Array(counter.grid.bins);
  }

  /**
   * Describes the first `n` values of the counter, adds them to the histogram `scope`, and those that are to be held
   * to `held`.
   */
  of(n: number, scope: number, held: HeldValues): DescribedGroup {
    if (n === 0) return { n, sum: 0, min: 0, max: 0, quantiles: null };
    this.#hold(held);
    const counter = this.#counter;
    if (n < FEW) {
      const moments = counter.count(n, scope);
      for (const value of counter.gather(n)) held.push(value);
      const sorted = counter.values(n).slice().sort();
      this.#release(held);
      return { n, ...moments, quantiles: quantilesFrom(n, (rank) => sorted[rank]) };
    }
    const moments = counter.count(n, this.#own);
    const { grid } = counter;
    const ranks = wantedRanks(n);
    const span = [binOf(grid, moments.min), binOf(grid, moments.max) + 1] as const;
    const places = counter.settle(this.#own, span, scope, ranks);
    const bins = [...new Set(places.map(({ bin }) => bin))];
    for (const [i, bin] of bins.entries()) {
      this.#listOf[bin] = i;
      counter.mark(bin, bin + 1);
    }
    const lists = bins.map(() => [] as number[]);
    for (const value of counter.gather(n)) {
      const bin = binOf(grid, value);
      if (this.#listOf[bin] >= 0) lists[this.#listOf[bin]].push(value);
      if (this.#isHeld[bin] === 1) held.push(value);
    }
    const sorted = lists.map((list) => sortedValues(list));
    const valueAt = new Map(
      ranks.map((rank, i) => [rank, sorted[this.#listOf[places[i].bin]][rank - places[i].below]]),
    );
    for (const bin of bins) {
      this.#listOf[bin] = -1;
      counter.mark(bin, bin + 1, false);
    }
    this.#release(held);
    return { n, ...moments, quantiles: quantilesFrom(n, (rank) => valueAt.get(rank)!) };
  }

  #hold(held: HeldValues): void {
    for (const [from, to] of held.ranges) this.#counter.mark(from, to);
    if (this.#held === held) return;
    this.#held = held;
    this.#isHeld.fill(0);
    for (const [from, to] of held.ranges) this.#isHeld.fill(1, from, to);
  }

  #release(held: HeldValues): void {
    for (const [from, to] of held.ranges) this.#counter.mark(from, to, false);
  }
}

/** Ascending. Values that are all equal, as ties are, need no sorting. */
function sortedValues(values: readonly number[]): Float32Array {
  const floats = Float32Array.from(values);
  return floats.every((value) => value === floats[0]) ? floats : floats.sort();
}
