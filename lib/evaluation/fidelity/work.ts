/** Plan that splits the pairs of all views of a subject into parts. It depends on the sizes of the types only. */
import { planTasks, splitGroups, type Task } from '../../pairwise/tiles/tasks.ts';
import { evenRuns } from '../../pairwise/tiles/tiles.ts';
import type { CellTypes } from '../../pairwise/tiles/type-pairs.ts';

/** Pairs per part, about a second or two of work: smaller parts cost more for storing results than they gain. */
const TARGET_PAIRS = 32_000_000;
/** Largest number of units of a view: few, since every part stores the nearest neighbours of nearly all cells. */
const MOST_RUNS = 4;

/** Unit of work: tasks [from, to) of a view. */
export type Unit = { readonly view: number; readonly from: number; readonly to: number };

const viewRuns = (tasks: readonly Task[]) =>
  evenRuns(
    tasks.map(({ pairs }) => pairs),
    TARGET_PAIRS,
    MOST_RUNS,
  );

/** Returns the groups of a view whose pairs are in several of its units. */
export function splitGroupsOf(types: CellTypes): number[] {
  const tasks = planTasks(types);
  return splitGroups(
    tasks,
    viewRuns(tasks).map(([from, to]) => ({ from, to })),
  );
}

/** Plans parts of about equal cost; small units of several views are combined, so that a small study has one part. */
export function planUnits(types: readonly CellTypes[]): { units: Unit[]; pairs: number }[] {
  const parts: { units: Unit[]; pairs: number }[] = [];
  for (const [view, own] of types.entries()) {
    const tasks = planTasks(own);
    const costs = tasks.map((task) => task.pairs);
    for (const [from, to] of viewRuns(tasks)) {
      const pairs = costs.slice(from, to).reduce((sum, cost) => sum + cost, 0);
      const last = parts.at(-1);
      const fits = last !== undefined && last.pairs + pairs <= TARGET_PAIRS;
      if (fits && last.units.every((unit) => unit.view !== view)) {
        last.units.push({ view, from, to });
        last.pairs += pairs;
      } else {
        parts.push({ units: [{ view, from, to }], pairs });
      }
    }
  }
  return parts;
}
