/**
 * The pass over all pairs: what each group of pairs (a pair of types) is; histograms of all pairs within types,
 * between types, and of each group that is too large to be held; and their values where quantiles are expected.
 */
import { ValueCounter, type ValueRows } from '../kernels/counts.ts';
import type { SurveyPlan } from './brackets.ts';
import { GroupQuantiles, HELD, markRanges, OWN, WANTED } from './group-quantiles.ts';
import { readTask, type TileVisitor } from './group-values.ts';
import { HeldValues, valuesOfBins } from './held-values.ts';
import { addNarrowCounts, type NarrowCounts, narrowCounts } from './narrow-counts.ts';
import { type FiveQuantiles, quantilePlaces } from './quantiles.ts';
import type { Space } from './space.ts';
import { groupOfTask, paced, type Task } from './tasks.ts';
import type { CellTypes } from './type-pairs.ts';
import type { BinRanges, ValueGrid } from './value-grid.ts';

/** Count, sum and range of the values of a group; min and max are meaningless if n is 0. */
export interface Moments {
  readonly group: number;
  readonly n: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** A set of pairs as one part found it: counts by bin, and values held, null if they were too many. */
interface PartSet {
  readonly counts: NarrowCounts;
  readonly held: Float32Array | null;
}

/** What one part finds, as plain data and arrays of numbers. */
export interface Survey {
  /** Groups that were held in memory; quantiles are null for a group without values. */
  readonly groups: (Moments & { readonly quantiles: FiveQuantiles | null })[];
  /** Pieces of larger groups. */
  readonly pieces: (Moments & PartSet)[];
  readonly within: PartSet;
  readonly between: PartSet;
}

export interface PassOptions {
  /** Told some tens of times how far the pass is: each time is a message to another thread. */
  readonly progress?: (pairsDone: number) => void;
  readonly signal?: AbortSignal;
  /** Told of each tile that is read. */
  readonly visitTile?: TileVisitor;
}

/** The histograms of a counter. */
const WITHIN = 0;
const BETWEEN = 1;
/** Of one piece of a large group. */
const GROUP = 2;

export async function survey(
  space: Space,
  types: CellTypes,
  tasks: readonly Task[],
  plan: SurveyPlan,
  { progress, signal, visitTile }: PassOptions = {},
): Promise<Survey> {
  const counter = await ValueCounter.create(plan.grid, 3, space.shared?.kernelRows);
  const held = [new HeldValues(plan.within), new HeldValues(plan.between)];
  const found: { groups: Survey['groups']; pieces: Survey['pieces'] } = { groups: [], pieces: [] };
  const quantiles = new GroupQuantiles(counter);
  const done = paced(tasks, progress);
  for (const task of tasks) {
    signal?.throwIfAborted();
    const scope = task.firstType === task.b ? WITHIN : BETWEEN;
    if (task.piece) {
      const ranges = plan.large.find(({ group }) => group === groupOfTask(task))!.ranges;
      found.pieces.push(surveyPiece(space, types, task, counter, scope, held[scope], ranges, visitTile));
      quantiles.reset();
    } else {
      const visit = (values: ValueRows, type: number) =>
        found.groups.push({ group: groupOfTask(task, type), ...quantiles.of(values, scope, held[scope]) });
      readTask(space, types, task, { visit, visitTile });
    }
    done(task);
  }
  const set = (scope: number) => ({
    counts: narrowCounts(counter.counts(scope)),
    held: held[scope].take(),
  });
  return { ...found, within: set(WITHIN), between: set(BETWEEN) };
}

/** A piece of a large group: counted and held like the pairs within or between types that it belongs to. */
function surveyPiece(
  space: Space,
  types: CellTypes,
  task: Task,
  counter: ValueCounter,
  scope: number,
  scopeHeld: HeldValues,
  ranges: BinRanges,
  visitTile?: TileVisitor,
): Survey['pieces'][number] {
  const ownHeld = new HeldValues(ranges);
  const marked = [
    [HELD, scopeHeld],
    [OWN, ownHeld],
  ] as const;
  for (const set of [HELD, OWN, WANTED] as const) counter.markAll(set, false);
  for (const [set, held] of marked) markRanges(counter, set, held.ranges);
  let moments: Moments = { group: groupOfTask(task), n: 0, sum: 0, min: 0, max: 0 };
  readTask(space, types, task, {
    visitTile,
    visit(values) {
      const n = counter.load(values);
      if (n === 0) return;
      moments = addMoments(moments, { group: moments.group, n, ...counter.count(GROUP) });
      counter.gather(WANTED);
      for (const [set, held] of marked) held.add(counter.sift(set));
    },
  });
  const counts = narrowCounts(counter.counts(GROUP));
  counter.move(GROUP, scope);
  return { ...moments, counts, held: ownHeld.take() };
}

/** Moments of two sets of values together. */
export function addMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  return {
    group: a.group,
    n: a.n + b.n,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

/** A set of pairs: counts by bin, and the values, ascending, of those bins that hold quantiles and were held. */
export interface PairSet {
  readonly counts: Float64Array;
  readonly held: ReadonlyMap<number, Float32Array>;
}

/** All parts together. */
export interface MergedSurvey {
  readonly grid: ValueGrid;
  readonly groups: ReadonlyMap<number, Moments & { readonly quantiles: FiveQuantiles | null }>;
  /** Groups that were too large to be held. */
  readonly large: ReadonlyMap<number, Moments & PairSet>;
  readonly within: PairSet;
  readonly between: PairSet;
}

/** Adds the parts of a set up. */
class SetSum {
  readonly #grid: ValueGrid;
  readonly #counts: Float64Array;
  readonly #values: Float32Array[] = [];
  #ranges: BinRanges;

  constructor(grid: ValueGrid, ranges: BinRanges) {
    this.#grid = grid;
    this.#counts = new Float64Array(grid.bins);
    this.#ranges = ranges;
  }

  add({ counts, held }: PartSet): void {
    addNarrowCounts(counts, this.#counts);
    if (held === null) this.#ranges = [];
    else this.#values.push(held);
  }

  async result(): Promise<PairSet> {
    const counts = this.#counts;
    const isHeld = (bin: number) => this.#ranges.some(([from, to]) => bin >= from && bin < to);
    const bins = quantilePlaces(counts).map(({ bin }) => bin);
    const wanted = [...new Set(bins)].filter(isHeld);
    return { counts, held: await valuesOfBins(this.#grid, this.#values, wanted) };
  }
}

/** @param parts in the order of the plan: sums are added in it */
export async function mergeSurveys(
  plan: SurveyPlan,
  parts: Iterable<Survey> | AsyncIterable<Survey>,
): Promise<MergedSurvey> {
  const { grid } = plan;
  const within = new SetSum(grid, plan.within);
  const between = new SetSum(grid, plan.between);
  const large = new Map(plan.large.map(({ group, ranges }) => [group, new SetSum(grid, ranges)]));
  const moments = new Map<number, Moments>();
  const groups = new Map<number, Survey['groups'][number]>();
  for await (const part of parts) {
    within.add(part.within);
    between.add(part.between);
    for (const group of part.groups) groups.set(group.group, group);
    for (const { counts, held, ...own } of part.pieces) {
      const before = moments.get(own.group);
      moments.set(own.group, before === undefined ? own : addMoments(before, own));
      large.get(own.group)!.add({ counts, held });
    }
  }
  const described = new Map<number, Moments & PairSet>();
  for (const [group, set] of large) {
    const own = moments.get(group) ?? { group, n: 0, sum: 0, min: 0, max: 0 };
    described.set(group, { ...own, ...(await set.result()) });
  }
  return { grid, groups, large: described, within: await within.result(), between: await between.result() };
}
