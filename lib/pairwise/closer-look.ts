/**
 * Second pass over the pairs: counts again, down to single values where an order statistic lies and finely where
 * values within and between types mingle; and the histogram for plots, whose range is known only now.
 */
import { readTask } from './group-values.ts';
import { addPackedCounts, packCounts, unpackCounts } from './packed-counts.ts';
import { wantedRanks } from './quantiles.ts';
import {
  binsOfRanks,
  FINE_BITS,
  type RefinedRun,
  Refinement,
  refineOverlap,
  resolveBins,
  SEVERAL,
  sum,
} from './refinement.ts';
import type { Space } from './space.ts';
import { coarseCounts, type MergedSurvey, type PassOptions } from './survey.ts';
import { groupOfTask, type Task } from './tasks.ts';
import type { CellTypes } from './type-pairs.ts';

/** Bins of the histogram for plots. */
export const PLOT_BINS = 100;
/** The bits of a key that the coarse histogram does not see. */
const LOW = (1 << FINE_BITS) - 1;

/** What to look at, as plain data. */
export type LookPlan = {
  /** For pairs within types and between types alike. */
  readonly scopes: readonly RefinedRun[];
  /** For each group that was too large to be held. */
  readonly large: readonly { readonly group: number; readonly runs: readonly RefinedRun[] }[];
  /** Range of the histogram for plots. */
  readonly range: readonly [min: number, max: number];
};

/** What one part finds, as plain data; counts are packed. */
export interface Look {
  readonly within: string;
  readonly between: string;
  /** Of each cell of both scopes: nothing, one value, or `SEVERAL`. */
  readonly sole: string;
  readonly pieces: { readonly group: number; readonly counts: string }[];
  readonly plotWithin: number[];
  readonly plotBetween: number[];
}

export function planLook({ groups, large, within, between }: MergedSurvey): LookPlan {
  const resolved = new Set([within, between].flatMap(resolvedBins));
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const moments of [...groups.values(), ...large.values()]) {
    if (moments.n === 0) continue;
    min = Math.min(min, moments.min);
    max = Math.max(max, moments.max);
  }
  return {
    scopes: refineOverlap(
      within,
      between,
      [...resolved].sort((a, b) => a - b),
    ),
    large: [...large.values()].map(({ group, packed }) => ({
      group,
      runs: resolveBins(resolvedBins(coarseCounts(packed))),
    })),
    range: plotRange(min, max),
  };
}

/** The bins that hold the order statistics of all quantiles. */
function resolvedBins(coarse: Float64Array): number[] {
  const n = sum(coarse);
  return n === 0 ? [] : binsOfRanks(coarse, wantedRanks(n));
}

/** The range itself, or half a unit around a single value; 0 … 1 if there is none. */
function plotRange(min: number, max: number): [number, number] {
  if (min < max) return [min, max];
  return min === max ? [min - 0.5, max + 0.5] : [0, 1];
}

export function closerLook(
  space: Space,
  types: CellTypes,
  tasks: readonly Task[],
  plan: LookPlan,
  { progress, signal }: PassOptions = {},
): Look {
  const refinement = new Refinement(plan.scopes);
  const runsOf = new Map(plan.large.map(({ group, runs }) => [group, runs]));
  const scopes = {
    within: { fine: new Uint32Array(refinement.cells), plot: new Uint32Array(PLOT_BINS) },
    between: { fine: new Uint32Array(refinement.cells), plot: new Uint32Array(PLOT_BINS) },
  };
  const sole = new Uint16Array(refinement.cells);
  const pieces: Look['pieces'] = [];
  let pairsDone = 0;
  for (const task of tasks) {
    signal?.throwIfAborted();
    const scope = task.firstType === task.b ? scopes.within : scopes.between;
    const own = task.piece ? new Refinement(runsOf.get(groupOfTask(task)) ?? []) : undefined;
    const ownCounts = new Uint32Array(own?.cells ?? 0);
    readTask(space, types, task, (values) => {
      countScope(values, refinement, scope.fine, sole, plan.range, scope.plot);
      if (own !== undefined) countFine(values, own, ownCounts);
    });
    if (own !== undefined) pieces.push({ group: groupOfTask(task), counts: packCounts(ownCounts) });
    pairsDone += task.pairs;
    progress?.(pairsDone);
  }
  return {
    within: packCounts(scopes.within.fine),
    between: packCounts(scopes.between.fine),
    sole: packCounts(sole),
    pieces,
    plotWithin: Array.from(scopes.within.plot),
    plotBetween: Array.from(scopes.between.plot),
  };
}

/** Counts values by cell, tells cells of one value from cells of several, and counts for the plot: in one walk. */
function countScope(
  values: Float32Array,
  { offsets, shifts }: Refinement,
  counts: Uint32Array,
  sole: Uint16Array,
  [min, max]: LookPlan['range'],
  plot: Uint32Array,
): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const scale = PLOT_BINS / (max - min);
  for (let i = 0; i < bits.length; i++) {
    const plotBin = ((values[i] - min) * scale) | 0;
    plot[plotBin < PLOT_BINS ? plotBin : PLOT_BINS - 1]++;
    // `keyOfBits`, inlined for speed.
    const key = bits[i] ^ (-(bits[i] >>> 31) | 0x80000000);
    const bin = key >>> FINE_BITS;
    if (offsets[bin] < 0) continue;
    const shift = shifts[bin];
    const cell = offsets[bin] + ((key & LOW) >>> shift);
    counts[cell]++;
    const place = (key & ((1 << shift) - 1)) + 1;
    if (sole[cell] !== place) sole[cell] = sole[cell] === 0 ? place : SEVERAL;
  }
}

/** Counts values by cell. */
function countFine(values: Float32Array, { offsets, shifts }: Refinement, counts: Uint32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const key = bits[i] ^ (-(bits[i] >>> 31) | 0x80000000);
    const bin = key >>> FINE_BITS;
    if (offsets[bin] >= 0) counts[offsets[bin] + ((key & LOW) >>> shifts[bin])]++;
  }
}

/** All parts together: fine counts by scope, and the plot's. Those of large groups stay packed. */
export interface MergedLook {
  readonly refinement: Refinement;
  readonly within: Float64Array;
  readonly between: Float64Array;
  readonly sole: Uint16Array;
  readonly large: ReadonlyMap<number, { readonly runs: readonly RefinedRun[]; readonly packed: string[] }>;
  readonly plotWithin: number[];
  readonly plotBetween: number[];
}

export function mergeLooks(plan: LookPlan, parts: readonly Look[]): MergedLook {
  const refinement = new Refinement(plan.scopes);
  const within = new Float64Array(refinement.cells);
  const between = new Float64Array(refinement.cells);
  const sole = new Uint16Array(refinement.cells);
  const large = new Map(plan.large.map(({ group, runs }) => [group, { runs, packed: [] as string[] }]));
  const plotWithin = new Array<number>(PLOT_BINS).fill(0);
  const plotBetween = new Array<number>(PLOT_BINS).fill(0);
  for (const part of parts) {
    addPackedCounts(part.within, within);
    addPackedCounts(part.between, between);
    unpackCounts(part.sole, sole.length, (cell, place) => {
      if (sole[cell] !== place) sole[cell] = sole[cell] === 0 ? place : SEVERAL;
    });
    for (const { group, counts } of part.pieces) large.get(group)!.packed.push(counts);
    for (let bin = 0; bin < PLOT_BINS; bin++) {
      plotWithin[bin] += part.plotWithin[bin];
      plotBetween[bin] += part.plotBetween[bin];
    }
  }
  return { refinement, within, between, sole, large, plotWithin, plotBetween };
}
