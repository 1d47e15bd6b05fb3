/**
 * The pass over all pairs: what each group of pairs (a pair of types) is; histograms of all pairs within types,
 * between types, and of each group that several parts share; and their values where quantiles are expected.
 */
import { ValueCounter, type ValueRows } from '../kernels/counts.ts';
import type { SurveyPlan } from './brackets.ts';
import { GroupQuantiles } from './group-quantiles.ts';
import { type GroupColumns, GroupTable } from './group-table.ts';
import { readTask, type TileVisitor } from './group-values.ts';
import { HeldValues } from './held-values.ts';
import { type SplitGroup, surveyLargeGroup } from './large-groups.ts';
import { type NarrowCounts, narrowCounts } from './narrow-counts.ts';
import type { Space } from './space.ts';
import { groupedTasks, groupOfTask, paced, type Task } from './tasks.ts';
import type { CellTypes } from './type-pairs.ts';

/** A set of pairs as one part found it: counts by bin, and values held, null if they were too many. */
export interface PartSet {
  readonly counts: NarrowCounts;
  readonly held: Float32Array | null;
}

/** What one part finds, as plain data and arrays of numbers. */
export interface Survey {
  /** Groups whose pairs were all in the part. */
  readonly groups: GroupColumns;
  /** What it has of groups that other parts have more of: the first and the last at most. */
  readonly split: readonly SplitGroup[];
  readonly within: PartSet;
  readonly between: PartSet;
}

export interface PassOptions {
  /** Told some tens of times how far the pass is: each time is a message to another thread. */
  readonly progress?: (pairsDone: number) => void;
  readonly signal?: AbortSignal;
  /** Told of each tile that is read. */
  readonly visitTile?: TileVisitor;
  /** Values that 32-bit counts are trusted with, and values held of a set of pairs: fewer in tests. */
  readonly mostCounted?: number;
  readonly mostHeld?: number;
}

/** The histograms of a counter. */
const WITHIN = 0;
const BETWEEN = 1;
/** Of one large group. */
const GROUP = 2;

export async function survey(
  space: Space,
  types: CellTypes,
  tasks: readonly Task[],
  plan: SurveyPlan,
  options: PassOptions = {},
): Promise<Survey> {
  const { progress, signal, visitTile, mostCounted, mostHeld } = options;
  const counter = await ValueCounter.create(plan.grid, 3, space.shared?.kernelRows, mostCounted);
  const held = [new HeldValues(plan.within, mostHeld), new HeldValues(plan.between, mostHeld)];
  const groups = new GroupTable();
  const split: SplitGroup[] = [];
  const quantiles = new GroupQuantiles(counter);
  const expected = new Map(plan.split.map(({ group, ranges }) => [group, ranges]));
  const large = { ...options, space, types, counter, histogram: GROUP, split: expected };
  const done = paced(tasks, progress);
  for (const own of groupedTasks(tasks)) {
    signal?.throwIfAborted();
    const [task] = own;
    const scope = task.firstType === task.b ? WITHIN : BETWEEN;
    if (task.piece) {
      const found = surveyLargeGroup(own, { histogram: scope, held: held[scope] }, groups, large);
      if (found !== undefined) split.push(found);
      quantiles.reset();
    } else {
      const visit = (values: ValueRows, type: number) =>
        groups.add(groupOfTask(task, type), quantiles.of(values, scope, held[scope]));
      readTask(space, types, task, { visit, visitTile });
    }
    for (const one of own) done(one);
  }
  const set = (scope: number): PartSet => ({
    counts: narrowCounts(counter.counts(scope)),
    held: held[scope].take(),
  });
  return { groups: groups.columns(), split, within: set(WITHIN), between: set(BETWEEN) };
}
