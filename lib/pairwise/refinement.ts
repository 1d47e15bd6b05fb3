/**
 * Histograms of 32-bit floats in two steps. The first counts by the leading 20 bits of a value's place in the
 * order of floats. From its counts follows which bins need a closer look, and the second step splits just
 * those, by up to 12 more bits: down to single values.
 */

/** Bits of the coarse histogram and those that are left. */
export const FINE_BITS = 12;
export const COARSE_BINS = 1 << (32 - FINE_BITS);
const FINE_BINS = 1 << FINE_BITS;

/** `count` coarse bins from `first` on, each split into 2^(12 − shift) cells. Plain data: it travels in a part. */
export type RefinedRun = readonly [first: number, count: number, shift: number];

/** Which coarse bins are split, and where their cells stand in an array of counts. */
export class Refinement {
  readonly runs: readonly RefinedRun[];
  /** Cells in all. */
  readonly cells: number;
  /** First cell of each coarse bin; −1 for a bin that is not split. */
  readonly offsets: Int32Array;
  readonly shifts: Uint8Array;

  constructor(runs: readonly RefinedRun[]) {
    this.runs = runs;
    this.offsets = new Int32Array(COARSE_BINS).fill(-1);
    this.shifts = new Uint8Array(COARSE_BINS);
    let cells = 0;
    for (const [first, count, shift] of runs) {
      for (let bin = first; bin < first + count; bin++) {
        this.offsets[bin] = cells;
        this.shifts[bin] = shift;
        cells += FINE_BINS >> shift;
      }
    }
    this.cells = cells;
  }
}

/** The coarse bins that hold the order statistics of these ranks, ascending. */
export function binsOfRanks(coarse: Float64Array, ranks: readonly number[]): number[] {
  const bins: number[] = [];
  let below = 0;
  for (let bin = 0, next = 0; bin < coarse.length && next < ranks.length; bin++) {
    if (coarse[bin] === 0) continue;
    below += coarse[bin];
    if (ranks[next] < below) bins.push(bin);
    while (next < ranks.length && ranks[next] < below) next++;
  }
  return bins;
}

/** Splits these bins, given ascending, into single values. */
export const resolveBins = (bins: readonly number[]): RefinedRun[] => bins.map((bin) => [bin, 1, 0]);

/** How far bins are split: cells at most, and how many neighbouring bins are split alike to keep the list short. */
export interface RefinementSize {
  readonly mostCells: number;
  readonly block: number;
}

/** Up to this many values the cells may be many: they are mostly empty, and what is not is not read often. */
const FEW_VALUES = 1 << 23;
const FOR_FEW: RefinementSize = { mostCells: 1 << 22, block: 1 };
/** 8 MB of counts for two histograms: more would not stay in the cache. */
const FOR_MANY: RefinementSize = { mostCells: 1 << 20, block: 64 };

/**
 * Splits bins so that the share of pairs (x of one histogram, y of the other) in the same cell, whose order stays
 * unknown, is small: with shares p_k and q_k of bin k and m_k cells in it, Σ p_k q_k / m_k is least for m_k ∝ √(p_k
 * q_k), and then at most 1 / Σ m_k. The bins of `resolved`, ascending, are split into single values.
 */
export function refineOverlap(
  x: Float64Array,
  y: Float64Array,
  resolved: readonly number[],
  size?: RefinementSize,
): RefinedRun[] {
  const xTotal = sum(x);
  const yTotal = sum(y);
  const { mostCells, block } = size ?? (xTotal + yTotal <= FEW_VALUES ? FOR_FEW : FOR_MANY);
  const peaks = new Float64Array(Math.ceil(COARSE_BINS / block));
  let overlap = 0;
  for (let bin = 0; bin < COARSE_BINS; bin++) {
    if (x[bin] === 0 || y[bin] === 0) continue;
    const root = Math.sqrt((x[bin] / xTotal) * (y[bin] / yTotal));
    const at = Math.floor(bin / block);
    overlap += root;
    if (root > peaks[at]) peaks[at] = root;
  }
  // Rounding to blocks and powers of two takes more cells than planned: plan fewer until they fit.
  for (let planned = mostCells; ; planned /= 2) {
    const runs: [number, number, number][] = [];
    let cells = 0;
    for (let at = 0; at < peaks.length; at++) {
      if (peaks[at] === 0) continue;
      const wanted = Math.log2((planned * peaks[at]) / overlap);
      const shift = FINE_BITS - Math.min(FINE_BITS, Math.max(0, Math.ceil(wanted)));
      if (shift === FINE_BITS) continue;
      const first = at * block;
      cells += block * (FINE_BINS >> shift);
      const last = runs.at(-1);
      if (last !== undefined && last[0] + last[1] === first && last[2] === shift) last[1] += block;
      else runs.push([first, block, shift]);
    }
    if (cells <= mostCells || planned < 1) return withResolved(runs, resolved);
  }
}

/** Overrides: cuts the bins of `resolved` out of the runs. */
function withResolved(runs: readonly RefinedRun[], resolved: readonly number[]): RefinedRun[] {
  const result: RefinedRun[] = [];
  let next = 0;
  for (const [first, count, shift] of runs) {
    let from = first;
    for (; next < resolved.length && resolved[next] < first + count; next++) {
      const bin = resolved[next];
      if (bin > from && bin >= first) result.push([from, bin - from, shift]);
      result.push([bin, 1, 0]);
      from = Math.max(from, bin + 1);
    }
    if (from < first + count) result.push([from, first + count - from, shift]);
  }
  for (; next < resolved.length; next++) result.push([resolved[next], 1, 0]);
  return result;
}

/**
 * What a cell is known to hold beside its counts: 0 nothing, SEVERAL different values, else one value, however
 * often: its place in the cell plus 1. So ties are told from values that merely lie close together.
 */
export const SEVERAL = 0xffff;

/**
 * Calls `visit` with the counts of each cell in ascending order of values; a bin that is not split is one cell.
 *
 * @param visit given the counts (overwritten by the next), the key of the cell's first value, the cell's width as
 *   a power of two, and its number (−1 for a bin that is not split)
 */
export function walkCells(
  refinement: Refinement,
  coarse: readonly Float64Array[],
  fine: readonly Float64Array[],
  visit: (counts: readonly number[], key: number, shift: number, cell: number) => void,
): void {
  const { offsets, shifts } = refinement;
  const counts = coarse.map(() => 0);
  for (let bin = 0; bin < COARSE_BINS; bin++) {
    let any = 0;
    for (let h = 0; h < counts.length; h++) {
      counts[h] = coarse[h][bin];
      any += counts[h];
    }
    if (any === 0) continue;
    if (offsets[bin] < 0) {
      visit(counts, bin * FINE_BINS, FINE_BITS, -1);
      continue;
    }
    const shift = shifts[bin];
    for (let within = 0; within < FINE_BINS >> shift; within++) {
      const cell = offsets[bin] + within;
      any = 0;
      for (let h = 0; h < counts.length; h++) {
        counts[h] = fine[h][cell];
        any += counts[h];
      }
      if (any !== 0) visit(counts, bin * FINE_BINS + (within << shift), shift, cell);
    }
  }
}

export function sum(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  return total;
}
