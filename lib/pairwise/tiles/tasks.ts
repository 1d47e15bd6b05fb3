/**
 * Plan that splits all pairs of cells into tasks by pairs of types. It depends on the sizes of the types only, not on the
 * number of threads or which thread runs a task.
 */
import { evenRuns } from './tiles.ts';
import { type CellTypes, groupOf, typeSize } from './type-pairs.ts';

/** Bounds of the types among cells sorted by type; the plan depends on nothing else. */
export interface TypeBounds {
  readonly starts: ArrayLike<number>;
}

/**
 * Task: rows [rowStart, rowEnd) against the cells of type `b`, where only pairs with row < column count. The pairs are
 * either whole groups, one for each type of the rows, or a piece of one group that is too large to be held.
 */
export interface Task {
  readonly b: number;
  readonly rowStart: number;
  readonly rowEnd: number;
  /** First and last type of the rows. */
  readonly firstType: number;
  readonly lastType: number;
  readonly piece: boolean;
  readonly pairs: number;
}

/** Largest number of pairs of adjacent types in one task: a tile of 1 MB, which stays in a core's own cache. */
const BATCH_PAIRS = 1 << 18;
/** Largest number of pairs of a group that is held in memory (16 MB), where its order statistics are selected. */
export const HELD_PAIRS = 1 << 22;
/** Approximate number of pairs of the pieces that larger groups are split into. */
const PIECE_PAIRS = 1 << 23;
/** Pairs per part: less than a second of work. A part has a fixed cost of some milliseconds, and a cost in the merge. */
const PART_PAIRS = { matrix: 32_000_000, embedding: 64_000_000 };
const MOST_PARTS = 64;

export interface TaskLimits {
  readonly batchPairs?: number;
  readonly heldPairs?: number;
  readonly piecePairs?: number;
}

/** Returns all tasks in their fixed order; every pair of cells is in exactly one. The limits are for tests. */
export function planTasks({ starts }: TypeBounds, limits: TaskLimits = {}): Task[] {
  const { batchPairs = BATCH_PAIRS, heldPairs = HELD_PAIRS, piecePairs = PIECE_PAIRS } = limits;
  const tasks: Task[] = [];
  for (let b = 0; b < starts.length - 1; b++) {
    const columns = starts[b + 1] - starts[b];
    let batch: Task | undefined;
    const close = () => {
      if (batch !== undefined) tasks.push(batch);
      batch = undefined;
    };
    for (let a = 0; a < b; a++) {
      const pairs = (starts[a + 1] - starts[a]) * columns;
      if (pairs > heldPairs) {
        close();
        for (const piece of pieces(starts, a, b, piecePairs)) tasks.push(piece);
        continue;
      }
      if (batch !== undefined && batch.pairs + pairs > batchPairs) close();
      const before = batch as Task | undefined;
      batch = {
        b,
        rowStart: before?.rowStart ?? starts[a],
        rowEnd: starts[a + 1],
        firstType: before?.firstType ?? a,
        lastType: a,
        piece: false,
        pairs: (before?.pairs ?? 0) + pairs,
      };
    }
    close();
    const pairs = (columns * (columns - 1)) / 2;
    if (pairs > heldPairs) {
      for (const piece of pieces(starts, b, b, piecePairs)) tasks.push(piece);
    } else {
      const [rowStart, rowEnd] = [starts[b], starts[b + 1]];
      tasks.push({ b, rowStart, rowEnd, firstType: b, lastType: b, piece: false, pairs });
    }
  }
  return tasks;
}

/** Returns the groups whose pieces are in several of the runs [from, to) of tasks. */
export function splitGroups(
  tasks: readonly Task[],
  runs: readonly { readonly from: number; readonly to: number }[],
): number[] {
  const groups = new Set<number>();
  for (const { to } of runs) {
    const [last, next] = [tasks[to - 1], tasks[to]];
    if (last?.piece && next?.piece && groupOfTask(last) === groupOfTask(next)) groups.add(groupOfTask(last));
  }
  return [...groups];
}

/** Yields tasks in the units they are run in: single tasks, but all consecutive pieces of a group together. */
export function* groupedTasks(tasks: readonly Task[]): Generator<[Task, ...Task[]]> {
  for (let from = 0; from < tasks.length; ) {
    const first = tasks[from];
    let to = from + 1;
    while (first.piece && tasks[to]?.piece && groupOfTask(tasks[to]) === groupOfTask(first)) to++;
    yield tasks.slice(from, to) as [Task, ...Task[]];
    from = to;
  }
}

/** Whether the given pieces of one group, consecutive, are all of it. */
export const isWholeGroup = ({ starts }: TypeBounds, pieces: readonly Task[]): boolean =>
  pieces[0].rowStart === starts[pieces[0].firstType] &&
  pieces.at(-1)!.rowEnd === starts[pieces[0].firstType + 1];

/** Number of pairs of cells of types a ≤ b. */
export function groupPairs(types: CellTypes, a: number, b: number): number {
  const [rows, columns] = [typeSize(types, a), typeSize(types, b)];
  return a === b ? (rows * (rows - 1)) / 2 : rows * columns;
}

function* pieces(starts: ArrayLike<number>, a: number, b: number, piecePairs: number): Generator<Task> {
  const end = starts[b + 1];
  let rowStart = starts[a];
  let pairs = 0;
  for (let row = starts[a]; row < starts[a + 1]; row++) {
    pairs += end - (a === b ? row + 1 : starts[b]);
    if (pairs < piecePairs && row + 1 < starts[a + 1]) continue;
    yield { b, rowStart, rowEnd: row + 1, firstType: a, lastType: a, piece: true, pairs };
    rowStart = row + 1;
    pairs = 0;
  }
}

/**
 * Splits the tasks into parts: runs [from, to) of nearly equal cost.
 *
 * @param kind kind of the rows: the pairs of an embedding take a fraction of the time
 */
export function planParts(
  tasks: readonly Task[],
  kind: keyof typeof PART_PAIRS = 'matrix',
): { from: number; to: number; pairs: number }[] {
  const costs = tasks.map((task) => task.pairs);
  return evenRuns(costs, PART_PAIRS[kind], MOST_PARTS).map(([from, to]) => ({
    from,
    to,
    pairs: costs.slice(from, to).reduce((sum, pairs) => sum + pairs, 0),
  }));
}

/** Number of the group of a piece, or of the group of type `a` in a task of whole groups. */
export const groupOfTask = (task: Task, a = task.firstType) => groupOf(a, task.b);

/** Number of progress reports of a pass over tasks. */
const STEPS = 32;

/** Returns a function to call after each task, which calls `progress` about `STEPS` times with the pairs done so far. */
export function paced(tasks: readonly Task[], progress?: (pairsDone: number) => void): (task: Task) => void {
  const total = tasks.reduce((sum, { pairs }) => sum + pairs, 0);
  let done = 0;
  let told = 0;
  return ({ pairs }) => {
    done += pairs;
    if ((done - told) * STEPS < total && done < total) return;
    told = done;
    progress?.(done);
  };
}
