/** Merged counts of all parts of the first pass. One part is in memory at a time, whatever their number. */
import { ValueCounter } from '../../kernels/counts.ts';
import { sum } from '../../stats/sums.ts';
import { BinValues } from './bin-values.ts';
import type { CountPlan } from './count-plan.ts';
import { GroupTable } from './group-table.ts';
import { addMoments, type Moments, NO_MOMENTS } from './moments.ts';
import { addNarrowCounts } from './narrow-counts.ts';
import type { PairCounts, PartSet } from './pass.ts';
import { type QuantilePlace, quantilePlaces } from './quantile-places.ts';
import { type BinRanges, inRanges, type ValueGrid } from './value-grid.ts';

/** Number of values of a set, the places of their quantiles, and the values, ascending, of the held bins. */
export interface RankedSet {
  readonly n: number;
  readonly places: readonly QuantilePlace[];
  readonly held: ReadonlyMap<number, Float32Array>;
}

/** Set of pairs with its counts by bin. */
export interface PairSet extends RankedSet {
  readonly counts: Float64Array;
}

/** Counts of all parts together. */
export interface MergedCounts {
  readonly grid: ValueGrid;
  /** Groups that one part has described. */
  readonly groups: GroupTable;
  /** Groups that several parts share. */
  readonly split: ReadonlyMap<number, Moments & RankedSet & { readonly group: number }>;
  readonly within: PairSet;
  readonly between: PairSet;
}

/** Largest number of values kept (64 MB) until it is known which are wanted; beyond, parts are read a second time. */
const MOST_KEPT = 1 << 24;

/** Number of values kept over all sets, and its limit. */
interface Kept {
  readonly most: number;
  n: number;
}

/** Sums the parts of a set. */
class SetSum {
  readonly #kept: Kept;
  #ranges: BinRanges;
  #counts: Float64Array | undefined;
  /** Kept values; undefined if there are more than the limit. */
  #values: Float32Array[] | undefined = [];
  #bins: BinValues | undefined;
  n = 0;
  places: readonly QuantilePlace[] = [];

  constructor(grid: ValueGrid, ranges: BinRanges, kept: Kept) {
    this.#counts = new Float64Array(grid.bins);
    this.#ranges = ranges;
    this.#kept = kept;
  }

  add({ counts, held }: PartSet): void {
    addNarrowCounts(counts, this.#counts!);
    // If one part held nothing, values are missing, so what the other parts held is of no use.
    if (held === null) this.#ranges = [];
    if (this.#values === undefined) return;
    if (held !== null && this.#ranges.length > 0 && this.#kept.n + held.length <= this.#kept.most) {
      // A copy: a view would keep the whole buffer of the part alive.
      this.#values.push(held.slice());
      this.#kept.n += held.length;
      return;
    }
    this.#drop();
    if (this.#ranges.length > 0) this.#values = undefined;
  }

  #drop(): void {
    for (const { length } of this.#values ?? []) this.#kept.n -= length;
    this.#values = [];
  }

  /** Determines the wanted bins after the last part. Returns the counts, and releases them. */
  close(counter: ValueCounter): Float64Array {
    const counts = this.#counts!;
    this.#counts = undefined;
    this.n = sum(counts);
    this.places = quantilePlaces(counts);
    this.#bins = new BinValues(counter, this.places, (bin) => inRanges(this.#ranges, bin));
    for (const values of this.#values ?? []) this.#bins.add(values);
    if (this.#values !== undefined) this.#drop();
    return counts;
  }

  /** Whether parts must be read again. */
  get isOpen(): boolean {
    return this.#values === undefined && this.#ranges.length > 0;
  }

  /** Adds the held values of a part that is read again. */
  addHeld({ held }: PartSet): void {
    if (this.isOpen && held !== null) this.#bins!.add(held);
  }

  result(): RankedSet {
    return { n: this.n, places: this.places, held: this.#bins!.result() };
  }
}

/**
 * Merges the parts of the first pass.
 *
 * @param parts in the order of the plan, in which sums are added; they may be iterated twice
 * @param mostKept largest number of values kept over all sets; smaller in tests
 */
export async function mergeCounts(
  plan: CountPlan,
  parts: Iterable<PairCounts> | AsyncIterable<PairCounts>,
  mostKept = MOST_KEPT,
): Promise<MergedCounts> {
  const { grid } = plan;
  const counter = await ValueCounter.create(grid, 0);
  const kept = { most: mostKept, n: 0 };
  const within = new SetSum(grid, plan.within, kept);
  const between = new SetSum(grid, plan.between, kept);
  const rangesOf = new Map(plan.split.map(({ group, ranges }) => [group, ranges]));
  const split = new Map<number, { moments: Moments; set: SetSum }>();
  const groups = new GroupTable();
  /** Split groups that the next part may have more of. */
  let open = new Set<number>();
  const close = (group: number) => split.get(group)!.set.close(counter);
  for await (const part of parts) {
    within.add(part.within);
    between.add(part.between);
    groups.addAll(part.groups);
    const own = new Set(part.split.map(({ group }) => group));
    for (const group of open) if (!own.has(group)) close(group);
    open = own;
    for (const { group, pieces, ...found } of part.split) {
      const before = split.get(group);
      const { moments, set } = before ?? {
        moments: NO_MOMENTS,
        set: new SetSum(grid, rangesOf.get(group)!, kept),
      };
      set.add(found);
      split.set(group, { moments: pieces.reduce(addMoments, moments), set });
    }
  }
  for (const group of open) close(group);
  const counts = [within.close(counter), between.close(counter)];
  const isOpen = [within, between, ...[...split.values()].map(({ set }) => set)].some((set) => set.isOpen);
  if (isOpen) {
    for await (const part of parts) {
      within.addHeld(part.within);
      between.addHeld(part.between);
      for (const found of part.split) split.get(found.group)!.set.addHeld(found);
    }
  }
  return {
    grid,
    groups,
    split: new Map(
      [...split].map(([group, { moments, set }]) => [group, { group, ...moments, ...set.result() }]),
    ),
    within: { counts: counts[0], ...within.result() },
    between: { counts: counts[1], ...between.result() },
  };
}
