/**
 * Groups too large to be held in memory, read a tile at a time. A group whose pairs are all in one part is described
 * there, if necessary by refinements of its pairs only. For a group that several parts share, each part returns its
 * counts.
 */
import type { ValueCounter } from '../../kernels/counts.ts';
import type { Space } from '../spaces/space.ts';
import { readTask } from '../tiles/group-values.ts';
import { groupOfTask, isWholeGroup, type Task } from '../tiles/tasks.ts';
import type { CellTypes } from '../tiles/type-pairs.ts';
import { BinValues } from './bin-values.ts';
import { HELD, markRanges, OWN, WANTED } from './group-quantiles.ts';
import { groupRanges } from './group-ranges.ts';
import type { GroupTable } from './group-table.ts';
import { HeldValues } from './held-values.ts';
import { ascendingRuns } from './key-runs.ts';
import { addMoments, type Moments, NO_MOMENTS } from './moments.ts';
import { narrowCounts } from './narrow-counts.ts';
import { seekQuantiles } from './order-statistics.ts';
import type { PassOptions, SplitGroup } from './pass.ts';
import { MOST_REFINEMENTS } from './plan-schemas.ts';
import { quantilePlaces } from './quantile-places.ts';
import { type MergedRefinement, RefinementSums, refine } from './refinement.ts';
import { type BinRanges, inRanges } from './value-grid.ts';

/** Inputs of a pass over large groups. */
export interface LargeGroupPass extends PassOptions {
  readonly space: Space;
  readonly types: CellTypes;
  readonly counter: ValueCounter;
  /** Number of the counter's histogram for one group. */
  readonly histogram: number;
  /** Bins where the quantiles of groups that several parts share are expected. */
  readonly split: ReadonlyMap<number, BinRanges>;
}

/** Histogram and held values of the scope of a group: all pairs within types, or all between them. */
export interface Scope {
  readonly histogram: number;
  readonly held: HeldValues;
}

/** Describes the pieces of one group in `whole`, or returns their counts if other parts have more of the group. */
export function countLargeGroup(
  pieces: readonly Task[],
  scope: Scope,
  whole: GroupTable,
  pass: LargeGroupPass,
): SplitGroup | undefined {
  const { space, types, counter, histogram } = pass;
  const group = groupOfTask(pieces[0]);
  const isWhole = isWholeGroup(types, pieces);
  const { firstType, b } = pieces[0];
  const ranges = isWhole ? groupRanges(space, types, counter.grid, firstType, b) : pass.split.get(group);
  if (ranges === undefined) throw new Error(`Internal error: group ${group} was not known to be split`);
  const held = new HeldValues(ranges, pass.mostHeld);
  const moments = countPieces(pieces, scope, held, pass);
  const counts = counter.counts(histogram);
  let found: SplitGroup | undefined;
  if (isWhole) {
    // Counts become invalid once values are loaded; only the places of the quantiles are needed after that.
    const places = quantilePlaces(counts);
    counter.move(histogram, scope.histogram);
    const all = moments.reduce(addMoments, NO_MOMENTS);
    const values = held.values();
    const bins = new BinValues(counter, places, (bin) => values !== null && inRanges(ranges, bin));
    if (values !== null) bins.add(values);
    held.release();
    const set = { n: all.n, places, held: bins.result() };
    whole.add(group, { ...all, quantiles: quantilesOf(set, group, pieces, pass) });
  } else {
    found = { group, pieces: moments, counts: narrowCounts(counts), held: held.take() };
    counter.move(histogram, scope.histogram);
  }
  return found;
}

/** Counts pieces of one group, and holds the values where quantiles of the group and of its scope are expected. */
function countPieces(
  pieces: readonly Task[],
  scope: Scope,
  held: HeldValues,
  { space, types, counter, histogram, visitTile, signal }: LargeGroupPass,
): Moments[] {
  const marked = [
    [HELD, scope.held],
    [OWN, held],
  ] as const;
  for (const set of [HELD, OWN, WANTED] as const) counter.markAll(set, false);
  for (const [set, { ranges }] of marked) markRanges(counter, set, ranges);
  return pieces.map((task) => {
    signal?.throwIfAborted();
    let moments = NO_MOMENTS;
    readTask(space, types, task, {
      visitTile,
      visit(values) {
        const n = counter.load(values);
        if (n === 0) return;
        moments = addMoments(moments, { n, ...counter.count(histogram) });
        counter.gather(WANTED);
        for (const [set, to] of marked) to.add(counter.sift(set));
      },
    });
    return moments;
  });
}

/** Finds the quantiles of a group from its held values, and from as many refinements of its pairs as are needed. */
function quantilesOf(
  set: Parameters<typeof seekQuantiles>[1],
  group: number,
  pieces: readonly Task[],
  { space, types, counter, signal, mostCounted }: LargeGroupPass,
) {
  const { grid } = counter;
  const refinements: MergedRefinement[] = [];
  for (;;) {
    const own = refinements.map((refinement) => refinement.split.get(group)!);
    const { quantiles, missing } = seekQuantiles(grid, set, own);
    if (missing.length === 0) return quantiles ?? null;
    if (refinements.length === MOST_REFINEMENTS)
      throw new Error(`Internal error: quantiles of group ${group} were not found`);
    const plan = { grid, scopes: [], split: [{ group, runs: ascendingRuns(missing) }] };
    const sums = new RefinementSums(plan);
    sums.add(refine(space, types, pieces, plan, { signal, mostCounted }));
    refinements.push(sums);
  }
}
