/** How the pairs of all views of a subject are cut into parts. From the sizes of the types alone. */
import { planTasks, splitGroups, type Task } from '../../pairwise/tiles/tasks.ts';
import { evenRuns } from '../../pairwise/tiles/tiles.ts';
import type { CellTypes } from '../../pairwise/tiles/type-pairs.ts';

/** About a second or two of work: less costs more in keeping what parts find than it gains. */
const TARGET_PAIRS = 32_000_000;
/** Every part keeps the nearest of nearly all cells, so a view has few. */
const MOST_RUNS = 4;

/** Tasks [from, to) of a view. */
export type Unit = { readonly view: number; readonly from: number; readonly to: number };

const viewRuns = (tasks: readonly Task[]) =>
  evenRuns(
    tasks.map(({ pairs }) => pairs),
    TARGET_PAIRS,
    MOST_RUNS,
  );

/** The groups of a view whose pairs are in several of its units. */
export function splitGroupsOf(types: CellTypes): number[] {
  const tasks = planTasks(types);
  return splitGroups(
    tasks,
    viewRuns(tasks).map(([from, to]) => ({ from, to })),
  );
}

/** Units of about equal cost; small ones of several views go together, so that a small study has one part. */
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
