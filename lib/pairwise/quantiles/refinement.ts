/**
 * A further pass over the pairs, for what the survey left open, which is mostly nothing: it counts cells of single
 * bins, where an order statistic lies that was not held, or where pairs within and between types mingle too much.
 */
import { copyRows, MOST_COUNTED, valuesIn } from '../../kernels/counts.ts';
import type { Space } from '../spaces/space.ts';
import { readTask } from '../tiles/group-values.ts';
import { groupOfTask, paced, type Task } from '../tiles/tasks.ts';
import type { CellTypes } from '../tiles/type-pairs.ts';
import { cellOffsets, type KeyRun, SEVERAL } from './key-runs.ts';
import { addPackedCounts, packCounts, unpackCounts } from './packed-counts.ts';
import type { PassOptions } from './pass.ts';
import { binOf, type ValueGrid } from './value-grid.ts';
import { keyOfBits, valueOfKey } from './value-order.ts';

/** What to look at, as plain data; runs ascend. */
export type LookPlan = {
  readonly grid: ValueGrid;
  /** For pairs within types and between types alike. */
  readonly scopes: readonly KeyRun[];
  /** For groups that several parts share. */
  readonly split: readonly { readonly group: number; readonly runs: readonly KeyRun[] }[];
};

interface PackedCells {
  readonly counts: Uint8Array;
  readonly sole: Uint8Array;
}

/** What one part finds, as plain data; counts are packed. */
export interface Look {
  readonly within: PackedCells;
  readonly between: PackedCells;
  readonly split: ({ readonly group: number } & PackedCells)[];
}

export const isEmptyLook = ({ scopes, split }: LookPlan) => scopes.length === 0 && split.length === 0;

/** What of a look concerns some tasks; undefined if nothing does. */
export function lookOfTasks<
  L extends {
    readonly scopes: { readonly length: number };
    readonly split: readonly { readonly group: number }[];
  },
>(look: L, tasks: readonly Task[]): L | undefined {
  const own = new Set(tasks.filter(({ piece }) => piece).map((task) => groupOfTask(task)));
  const split = look.split.filter(({ group }) => own.has(group));
  return look.scopes.length === 0 && split.length === 0 ? undefined : { ...look, split };
}

/** Counts of the cells of some runs. */
class CellCounts {
  readonly #grid: ValueGrid;
  readonly #runs: readonly KeyRun[];
  readonly #offsets: readonly number[];
  /** The first run in each bin of the grid; −1 for none. */
  readonly #firstRun: Int32Array;
  readonly #counts: Uint32Array | Float64Array;
  readonly #sole: Uint32Array;

  /** @param isMany whether so many values may be counted that 32 bits could overflow */
  constructor(grid: ValueGrid, runs: readonly KeyRun[], isMany: boolean) {
    this.#grid = grid;
    this.#runs = runs;
    this.#offsets = cellOffsets(runs);
    this.#firstRun = new Int32Array(grid.bins).fill(-1);
    for (let r = runs.length - 1; r >= 0; r--) this.#firstRun[binOf(grid, valueOfKey(runs[r][0]))] = r;
    const cells = this.#offsets.at(-1)!;
    this.#counts = isMany ? new Float64Array(cells) : new Uint32Array(cells);
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
  { progress, signal, mostCounted = MOST_COUNTED }: PassOptions = {},
): Look {
  const isMany = tasks.reduce((sum, { pairs }) => sum + pairs, 0) > mostCounted;
  const cellsOf = (runs: readonly KeyRun[]) => new CellCounts(plan.grid, runs, isMany);
  const within = cellsOf(plan.scopes);
  const between = cellsOf(plan.scopes);
  const split = new Map(plan.split.map(({ group, runs }) => [group, cellsOf(runs)]));
  const done = paced(tasks, progress);
  for (const task of tasks) {
    signal?.throwIfAborted();
    const scope = task.firstType === task.b ? within : between;
    const own = task.piece ? split.get(groupOfTask(task)) : undefined;
    if (plan.scopes.length > 0 || own !== undefined) {
      readTask(space, types, task, {
        visit(rows) {
          const values = new Float32Array(valuesIn(rows));
          copyRows(rows, values);
          scope.add(values);
          own?.add(values);
        },
      });
    }
    done(task);
  }
  return {
    within: within.pack(),
    between: between.pack(),
    split: [...split].map(([group, cells]) => ({ group, ...cells.pack() })),
  };
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
  readonly split: ReadonlyMap<number, Cells>;
}

/** Adds up what the parts of a look found. */
export class LookSums implements MergedLook {
  readonly within: CellSums;
  readonly between: CellSums;
  readonly split: ReadonlyMap<number, CellSums>;

  constructor({ scopes, split }: LookPlan) {
    this.within = new CellSums(scopes);
    this.between = new CellSums(scopes);
    this.split = new Map(split.map(({ group, runs }) => [group, new CellSums(runs)]));
  }

  add({ within, between, split }: Look): void {
    this.within.add(within);
    this.between.add(between);
    for (const { group, ...cells } of split) this.split.get(group)!.add(cells);
  }
}

/** @param parts in any order; one is in memory at a time */
export async function mergeLooks(
  plan: LookPlan,
  parts: Iterable<Look> | AsyncIterable<Look>,
): Promise<MergedLook> {
  const sums = new LookSums(plan);
  for await (const part of parts) sums.add(part);
  return sums;
}

class CellSums implements Cells {
  readonly runs: readonly KeyRun[];
  readonly offsets: readonly number[];
  readonly counts: Float64Array;
  readonly sole: Uint32Array;

  constructor(runs: readonly KeyRun[]) {
    this.runs = runs;
    this.offsets = cellOffsets(runs);
    this.counts = new Float64Array(this.offsets.at(-1)!);
    this.sole = new Uint32Array(this.counts.length);
  }

  add(part: PackedCells): void {
    const { sole } = this;
    addPackedCounts(part.counts, this.counts);
    unpackCounts(part.sole, sole.length, (cell, key) => {
      if (sole[cell] !== key) sole[cell] = sole[cell] === 0 ? key : SEVERAL;
    });
  }
}
