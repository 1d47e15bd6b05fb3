/**
 * First pass over the pairs: what each group of pairs (a pair of types) is, and coarse histograms of the pairs
 * within types and between types, from which the second pass (closer-look.ts) is planned.
 */
import { readTask, type TileVisitor } from './group-values.ts';
import { addPackedCounts, packCounts } from './packed-counts.ts';
import type { FiveQuantiles } from './quantiles.ts';
import { COARSE_BINS, FINE_BITS } from './refinement.ts';
import { Selector } from './select.ts';
import type { Space } from './space.ts';
import { groupOfTask, type Task } from './tasks.ts';
import type { CellTypes } from './type-pairs.ts';

/** Count, sum and range of the values of a group; min and max are meaningless if n is 0. */
export interface Moments {
  readonly group: number;
  readonly n: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** What one part finds, as plain data. */
export interface Survey {
  /** Groups that were held in memory; quantiles are null for a group without values. */
  readonly groups: (Moments & { readonly quantiles: FiveQuantiles | null })[];
  /** Pieces of larger groups, with packed coarse counts. */
  readonly pieces: (Moments & { readonly counts: string })[];
  /** Packed coarse counts of all pairs of the part. */
  readonly within: string;
  readonly between: string;
}

export interface PassOptions {
  readonly progress?: (pairsDone: number) => void;
  readonly signal?: AbortSignal;
  /** Told of each tile that is read. */
  readonly visitTile?: TileVisitor;
}

export function survey(
  space: Space,
  types: CellTypes,
  tasks: readonly Task[],
  { progress, signal, visitTile }: PassOptions = {},
): Survey {
  const within = new Uint32Array(COARSE_BINS);
  const between = new Uint32Array(COARSE_BINS);
  const piece = new Uint32Array(tasks.some((task) => task.piece) ? COARSE_BINS : 0);
  const selector = new Selector();
  const groups: Survey['groups'] = [];
  const pieces: Survey['pieces'] = [];
  let pairsDone = 0;
  for (const task of tasks) {
    signal?.throwIfAborted();
    const scope = task.firstType === task.b ? within : between;
    if (task.piece) {
      let moments: Moments = { group: groupOfTask(task), n: 0, sum: 0, min: 0, max: 0 };
      piece.fill(0);
      const count = (values: Float32Array) => {
        moments = addMoments(moments, { group: moments.group, ...countCoarse(values, piece) });
      };
      readTask(space, types, task, count, visitTile);
      for (let bin = 0; bin < COARSE_BINS; bin++) scope[bin] += piece[bin];
      pieces.push({ ...moments, counts: packCounts(piece) });
    } else {
      const describe = (values: Float32Array, type: number) => {
        const { n, sum, min, max } = countCoarse(values, scope);
        const quantiles = n === 0 ? null : selector.quantiles(values, min, max);
        groups.push({ group: groupOfTask(task, type), n, sum, min, max, quantiles });
      };
      readTask(space, types, task, describe, visitTile);
    }
    pairsDone += task.pairs;
    progress?.(pairsDone);
  }
  return { groups, pieces, within: packCounts(within), between: packCounts(between) };
}

/** Adds values to a coarse histogram; in the same walk their sum and range. */
function countCoarse(values: Float32Array, counts: Uint32Array): Omit<Moments, 'group'> {
  const n = values.length;
  if (n === 0) return { n, sum: 0, min: 0, max: 0 };
  const bits = new Uint32Array(values.buffer, values.byteOffset, n);
  let sum = 0;
  let min = values[0];
  let max = values[0];
  for (let i = 0; i < n; i++) {
    const value = values[i];
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
    // `keyOfBits`, inlined for speed.
    counts[(bits[i] ^ (-(bits[i] >>> 31) | 0x80000000)) >>> FINE_BITS]++;
  }
  return { n, sum, min, max };
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

/** All parts together. */
export interface MergedSurvey {
  readonly groups: ReadonlyMap<number, Moments & { readonly quantiles: FiveQuantiles | null }>;
  /** Groups that were too large to be held, with the packed coarse counts of their pieces. */
  readonly large: ReadonlyMap<number, Moments & { readonly packed: readonly string[] }>;
  readonly within: Float64Array;
  readonly between: Float64Array;
}

/** @param parts in the order of the plan: sums are added in it */
export function mergeSurveys(parts: readonly Survey[]): MergedSurvey {
  const within = new Float64Array(COARSE_BINS);
  const between = new Float64Array(COARSE_BINS);
  const groups = new Map<number, Survey['groups'][number]>();
  const large = new Map<number, Moments & { packed: string[] }>();
  for (const part of parts) {
    addPackedCounts(part.within, within);
    addPackedCounts(part.between, between);
    for (const group of part.groups) groups.set(group.group, group);
    for (const { counts, ...moments } of part.pieces) {
      const before = large.get(moments.group);
      const packed = [...(before?.packed ?? []), counts];
      large.set(moments.group, {
        ...(before === undefined ? moments : addMoments(before, moments)),
        packed,
      });
    }
  }
  return { groups, large, within, between };
}

/** The coarse counts of a large group: 8 MB, so one at a time. */
export function coarseCounts(packed: readonly string[]): Float64Array {
  const counts = new Float64Array(COARSE_BINS);
  for (const piece of packed) addPackedCounts(piece, counts);
  return counts;
}
