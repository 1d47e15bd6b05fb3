/**
 * First pass over all pairs: moments and quantiles of each group of pairs (a pair of types); histograms of all pairs
 * within types, between types, and of each group that several parts share; and the values of these sets in the bins
 * where quantiles are expected.
 */
import { ValueCounter, type ValueRows } from '../../kernels/counts.ts';
import type { Space } from '../spaces/space.ts';
import { readTask } from '../tiles/group-values.ts';
import { groupedTasks, groupOfTask, paced, type Task } from '../tiles/tasks.ts';
import type { CellTypes } from '../tiles/type-pairs.ts';
import type { CountPlan } from './count-plan.ts';
import { GroupQuantiles } from './group-quantiles.ts';
import { GroupTable } from './group-table.ts';
import { HeldValues } from './held-values.ts';
import { countLargeGroup } from './large-groups.ts';
import { narrowCounts } from './narrow-counts.ts';
import type { PairCounts, PartSet, PassOptions, SplitGroup } from './pass.ts';

/** Numbers of the histograms of a counter. */
const WITHIN = 0;
const BETWEEN = 1;
/** Histogram of one large group. */
const GROUP = 2;

export async function countPairs(
  space: Space,
  types: CellTypes,
  tasks: readonly Task[],
  plan: CountPlan,
  options: PassOptions = {},
): Promise<PairCounts> {
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
      const found = countLargeGroup(own, { histogram: scope, held: held[scope] }, groups, large);
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
