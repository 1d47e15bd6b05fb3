/**
 * A further pass over the pairs, for what the survey left open, which is mostly nothing: it counts cells of single
 * bins, where an order statistic lies that was not held, or where pairs within and between types mingle too much.
 */
import { copyRows, valuesIn } from '../kernels/counts.ts';
import { readTask } from './group-values.ts';
import { cellOffsets, type KeyRun, SEVERAL } from './key-runs.ts';
import { addPackedCounts, packCounts, unpackCounts } from './packed-counts.ts';
import type { Space } from './space.ts';
import type { PassOptions } from './survey.ts';
import { groupOfTask, paced, type Task } from './tasks.ts';
import type { CellTypes } from './type-pairs.ts';
import { binOf, type ValueGrid } from './value-grid.ts';
import { keyOfBits, valueOfKey } from './value-order.ts';

/** What to look at, as plain data; runs ascend. */
export type LookPlan = {
  readonly grid: ValueGrid;
  /** For pairs within types and between types alike. */
  readonly scopes: readonly KeyRun[];
  /** For groups that were too large to be held. */
  readonly large: readonly { readonly group: number; readonly runs: readonly KeyRun[] }[];
};

interface PackedCells {
  readonly counts: string;
  readonly sole: string;
}

/** What one part finds, as plain data; counts are packed. */
export interface Look {
  readonly within: PackedCells;
  readonly between: PackedCells;
  readonly pieces: ({ readonly group: number } & PackedCells)[];
}

export const isEmptyLook = ({ scopes, large }: LookPlan) => scopes.length === 0 && large.length === 0;

/** Counts of the cells of some runs. */
class CellCounts {
  readonly #grid: ValueGrid;
  readonly #runs: readonly KeyRun[];
  readonly #offsets: readonly number[];
  /** The first run in each bin of the grid; −1 for none. */
  readonly #firstRun: Int32Array;
  readonly #counts: Uint32Array;
  readonly #sole: Uint32Array;

  constructor(grid: ValueGrid, runs: readonly KeyRun[]) {
    this.#grid = grid;
    this.#runs = runs;
    this.#offsets = cellOffsets(runs);
    this.#firstRun = new Int32Array(grid.bins).fill(-1);
    for (let r = runs.length - 1; r >= 0; r--) this.#firstRun[binOf(grid, valueOfKey(runs[r][0]))] = r;
    const cells = this.#offsets.at(-1)!;
    this.#counts = new Uint32Array(cells);
    this.#sole = new Uint32Array(cells);
  }

  add(values: Float32Array): void {
    if (this.#runs.length === 0) return;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < values.length; i++) {
      const bin = binOf(this.#grid, values[i]);
      if (this.#firstRun[bin] < 0) continue;
      const key = keyOfBits(bits[i]);
      for (let r = this.#firstRun[bin]; r < this.#runs.length; r++) {
        const [first, cells, shift] = this.#runs[r];
        if (first > key) break;
        const own = Math.floor((key - first) / 2 ** shift);
        if (own >= cells) continue;
        const cell = this.#offsets[r] + own;
        this.#counts[cell]++;
        if (this.#sole[cell] !== key) this.#sole[cell] = this.#sole[cell] === 0 ? key : SEVERAL;
        break;
      }
    }
  }

  pack(): PackedCells {
    return { counts: packCounts(this.#counts), sole: packCounts(this.#sole) };
  }
}

export function closerLook(
  space: Space,
  types: CellTypes,
  tasks: readonly Task[],
  plan: LookPlan,
  { progress, signal }: PassOptions = {},
): Look {
  const within = new CellCounts(plan.grid, plan.scopes);
  const between = new CellCounts(plan.grid, plan.scopes);
  const runsOf = new Map(plan.large.map(({ group, runs }) => [group, runs]));
  const pieces: Look['pieces'] = [];
  const done = paced(tasks, progress);
  for (const task of tasks) {
    signal?.throwIfAborted();
    const scope = task.firstType === task.b ? within : between;
    const runs = task.piece ? runsOf.get(groupOfTask(task)) : undefined;
    const own = runs === undefined ? undefined : new CellCounts(plan.grid, runs);
    readTask(space, types, task, {
      visit(rows) {
        const values = new Float32Array(valuesIn(rows));
        copyRows(rows, values);
        scope.add(values);
        own?.add(values);
      },
    });
    if (own !== undefined) pieces.push({ group: groupOfTask(task), ...own.pack() });
    done(task);
  }
  return { within: within.pack(), between: between.pack(), pieces };
}

/** Counts of the cells of runs, of all parts. */
export interface Cells {
  readonly runs: readonly KeyRun[];
  readonly offsets: readonly number[];
  readonly counts: Float64Array;
  /** Of each cell: nothing, the key of its one value, or `SEVERAL`. */
  readonly sole: Uint32Array;
}

/** All parts of a look together. */
export interface MergedLook {
  readonly within: Cells;
  readonly between: Cells;
  readonly large: ReadonlyMap<number, Cells>;
}

export function mergeLooks(plan: LookPlan, parts: readonly Look[]): MergedLook {
  const large = plan.large.map(({ group, runs }) => {
    const own = parts.flatMap(({ pieces }) => pieces.filter((piece) => piece.group === group));
    return [group, mergeCells(runs, own)] as const;
  });
  return {
    within: mergeCells(
      plan.scopes,
      parts.map((part) => part.within),
    ),
    between: mergeCells(
      plan.scopes,
      parts.map((part) => part.between),
    ),
    large: new Map(large),
  };
}

function mergeCells(runs: readonly KeyRun[], parts: readonly PackedCells[]): Cells {
  const offsets = cellOffsets(runs);
  const counts = new Float64Array(offsets.at(-1)!);
  const sole = new Uint32Array(counts.length);
  for (const part of parts) {
    addPackedCounts(part.counts, counts);
    unpackCounts(part.sole, sole.length, (cell, key) => {
      if (sole[cell] !== key) sole[cell] = sole[cell] === 0 ? key : SEVERAL;
    });
  }
  return { runs, offsets, counts, sole };
}
