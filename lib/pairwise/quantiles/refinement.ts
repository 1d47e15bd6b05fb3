/**
 * Refinement: a further pass over the pairs for what earlier passes did not resolve, which is rarely needed. It counts
 * sub-bins of single bins that contain an order statistic whose values were not held, or that contain too many pairs both
 * within and between types.
 */
import { copyRows, MOST_COUNTED, valuesIn } from '../../kernels/counts.ts';
import type { Space } from '../spaces/space.ts';
import { readTask } from '../tiles/group-values.ts';
import { groupOfTask, paced, type Task } from '../tiles/tasks.ts';
import type { CellTypes } from '../tiles/type-pairs.ts';
import { type KeyRun, SEVERAL, subBinOffsets } from './key-runs.ts';
import { addPackedCounts, packCounts, unpackCounts } from './packed-counts.ts';
import type { PassOptions } from './pass.ts';
import { binOf, type ValueGrid } from './value-grid.ts';
import { keyOfBits, valueOfKey } from './value-order.ts';

/** Runs of sub-bins to count, ascending, as plain data. */
export type RefinementPlan = {
  readonly grid: ValueGrid;
  /** Runs for all pairs within types, and the same for all between types. */
  readonly scopes: readonly KeyRun[];
  /** Runs for each group that several parts share. */
  readonly split: readonly { readonly group: number; readonly runs: readonly KeyRun[] }[];
};

interface PackedSubBins {
  readonly counts: Uint8Array;
  readonly sole: Uint8Array;
}

/** Result of one part, with packed counts. */
export interface Refinement {
  readonly within: PackedSubBins;
  readonly between: PackedSubBins;
  readonly split: ({ readonly group: number } & PackedSubBins)[];
}

export const isEmptyRefinement = ({ scopes, split }: RefinementPlan) =>
  scopes.length === 0 && split.length === 0;

/** Returns the part of a refinement that concerns the given tasks; undefined if nothing does. */
export function refinementOfTasks<
  L extends {
    readonly scopes: { readonly length: number };
    readonly split: readonly { readonly group: number }[];
  },
>(refinement: L, tasks: readonly Task[]): L | undefined {
  const own = new Set(tasks.filter(({ piece }) => piece).map((task) => groupOfTask(task)));
  const split = refinement.split.filter(({ group }) => own.has(group));
  return refinement.scopes.length === 0 && split.length === 0 ? undefined : { ...refinement, split };
}

/** Counts of the sub-bins of some runs. */
class SubBinCounts {
  readonly #grid: ValueGrid;
  readonly #runs: readonly KeyRun[];
  readonly #offsets: readonly number[];
  /** First run in each bin of the grid; −1 for none. */
  readonly #firstRun: Int32Array;
  readonly #counts: Uint32Array | Float64Array;
  readonly #sole: Uint32Array;

  /** @param isMany whether so many values may be counted that 32-bit counts could overflow */
  constructor(grid: ValueGrid, runs: readonly KeyRun[], isMany: boolean) {
    this.#grid = grid;
    this.#runs = runs;
    this.#offsets = subBinOffsets(runs);
    this.#firstRun = new Int32Array(grid.bins).fill(-1);
    for (let r = runs.length - 1; r >= 0; r--) this.#firstRun[binOf(grid, valueOfKey(runs[r][0]))] = r;
    const subBins = this.#offsets.at(-1)!;
    this.#counts = isMany ? new Float64Array(subBins) : new Uint32Array(subBins);
    this.#sole = new Uint32Array(subBins);
  }

  add(values: Float32Array): void {
    if (this.#runs.length === 0) return;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < values.length; i++) {
      const bin = binOf(this.#grid, values[i]);
      if (this.#firstRun[bin] < 0) continue;
      const key = keyOfBits(bits[i]);
      for (let r = this.#firstRun[bin]; r < this.#runs.length; r++) {
        const [first, own, shift] = this.#runs[r];
        if (first > key) break;
        const place = Math.floor((key - first) / 2 ** shift);
        if (place >= own) continue;
        const subBin = this.#offsets[r] + place;
        this.#counts[subBin]++;
        if (this.#sole[subBin] !== key) this.#sole[subBin] = this.#sole[subBin] === 0 ? key : SEVERAL;
        break;
      }
    }
  }

  pack(): PackedSubBins {
    return { counts: packCounts(this.#counts), sole: packCounts(this.#sole) };
  }
}

export function refine(
  space: Space,
  types: CellTypes,
  tasks: readonly Task[],
  plan: RefinementPlan,
  { progress, signal, mostCounted = MOST_COUNTED }: PassOptions = {},
): Refinement {
  const isMany = tasks.reduce((sum, { pairs }) => sum + pairs, 0) > mostCounted;
  const subBinsOf = (runs: readonly KeyRun[]) => new SubBinCounts(plan.grid, runs, isMany);
  const within = subBinsOf(plan.scopes);
  const between = subBinsOf(plan.scopes);
  const split = new Map(plan.split.map(({ group, runs }) => [group, subBinsOf(runs)]));
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
    split: [...split].map(([group, subBins]) => ({ group, ...subBins.pack() })),
  };
}

/** Counts of the sub-bins of runs, summed over all parts. */
export interface SubBins {
  readonly runs: readonly KeyRun[];
  readonly offsets: readonly number[];
  readonly counts: Float64Array;
  /** Content of each sub-bin: 0 if it is empty, the key of its only value, or `SEVERAL`. */
  readonly sole: Uint32Array;
}

/** Counts of a refinement, summed over all parts. */
export interface MergedRefinement {
  readonly within: SubBins;
  readonly between: SubBins;
  readonly split: ReadonlyMap<number, SubBins>;
}

/** Sums the results of the parts of a refinement. */
export class RefinementSums implements MergedRefinement {
  readonly within: SubBinSums;
  readonly between: SubBinSums;
  readonly split: ReadonlyMap<number, SubBinSums>;

  constructor({ scopes, split }: RefinementPlan) {
    this.within = new SubBinSums(scopes);
    this.between = new SubBinSums(scopes);
    this.split = new Map(split.map(({ group, runs }) => [group, new SubBinSums(runs)]));
  }

  add({ within, between, split }: Refinement): void {
    this.within.add(within);
    this.between.add(between);
    for (const { group, ...subBins } of split) this.split.get(group)!.add(subBins);
  }
}

/** Sums the parts of a refinement. @param parts in any order; one is in memory at a time */
export async function mergeRefinements(
  plan: RefinementPlan,
  parts: Iterable<Refinement> | AsyncIterable<Refinement>,
): Promise<MergedRefinement> {
  const sums = new RefinementSums(plan);
  for await (const part of parts) sums.add(part);
  return sums;
}

class SubBinSums implements SubBins {
  readonly runs: readonly KeyRun[];
  readonly offsets: readonly number[];
  readonly counts: Float64Array;
  readonly sole: Uint32Array;

  constructor(runs: readonly KeyRun[]) {
    this.runs = runs;
    this.offsets = subBinOffsets(runs);
    this.counts = new Float64Array(this.offsets.at(-1)!);
    this.sole = new Uint32Array(this.counts.length);
  }

  add(part: PackedSubBins): void {
    const { sole } = this;
    addPackedCounts(part.counts, this.counts);
    unpackCounts(part.sole, sole.length, (subBin, key) => {
      if (sole[subBin] !== key) sole[subBin] = sole[subBin] === 0 ? key : SEVERAL;
    });
  }
}
