/** What counts, held values and closer looks say together: exact quantiles, and AUROC with a bound of its error. */

import { type FiveQuantiles, quantilesFrom } from '../../stats/quantiles.ts';
import { sum } from '../../stats/sums.ts';
import { type KeyRun, runOfBin, runOfKeys, SEVERAL } from './key-runs.ts';
import type { PairSet, RankedSet } from './merged-survey.ts';
import type { Cells } from './refinement.ts';
import { binOf, type ValueGrid } from './value-grid.ts';
import { valueOfKey } from './value-order.ts';

/** Bits that one look adds. */
export const LOOK_BITS = 16;
/** Looks after the survey: 2 · 16 bits tell any two floats apart. */
export const MOST_LOOKS = 2;

/** Quantiles as far as they are known: with runs still to be looked at, they are not. */
export interface Sought {
  /** Undefined for no values, and if something is missing. */
  readonly quantiles: FiveQuantiles | undefined;
  readonly missing: readonly KeyRun[];
}

/** Seeks the quantiles of a set of pairs. */
export function seekQuantiles(grid: ValueGrid, set: RankedSet, looks: readonly Cells[]): Sought {
  const { n } = set;
  if (n === 0) return { quantiles: undefined, missing: [] };
  const found = new Map<number, number>();
  const missing = new Map<number, KeyRun>();
  for (const { rank, bin, below, count } of set.places) {
    const values = set.held.get(bin);
    if (values !== undefined) {
      if (values.length !== count) {
        throw new Error(`Internal error: ${values.length} values held of a bin of ${count}`);
      }
      found.set(rank, values[rank - below]);
      continue;
    }
    const sought = seekInCells(runOfBin(grid, bin, LOOK_BITS), rank - below, looks);
    if (typeof sought === 'number') found.set(rank, sought);
    else missing.set(sought[0], sought);
  }
  if (missing.size > 0) return { quantiles: undefined, missing: [...missing.values()] };
  return { quantiles: quantilesFrom(n, (rank) => found.get(rank)!), missing: [] };
}

/** The value with `before` others before it in a run; or the run that must be looked at to know. */
function seekInCells(run: KeyRun, before: number, looks: readonly Cells[]): number | KeyRun {
  for (const cells of looks) {
    const r = cells.runs.findIndex(([first, , shift]) => first === run[0] && shift <= run[2]);
    if (r < 0) continue;
    const [first, , shift] = cells.runs[r];
    let below = 0;
    for (let cell = cells.offsets[r]; cell < cells.offsets[r + 1]; cell++) {
      below += cells.counts[cell];
      if (before >= below) continue;
      const from = first + (cell - cells.offsets[r]) * 2 ** shift;
      if (shift === 0) return valueOfKey(from);
      if (cells.sole[cell] !== SEVERAL) return valueOfKey(cells.sole[cell]);
      const inner = runOfKeys(from, from + 2 ** shift, LOOK_BITS);
      return seekInCells(inner, before - below + cells.counts[cell], looks);
    }
  }
  return run;
}

/** Counts of one bin or cell in both sets, ascending; `alike` if all that it holds is one value. */
type PairVisitor = (x: number, y: number, alike: boolean, bin: number) => void;

function walkBoth(
  grid: ValueGrid,
  x: PairSet,
  y: PairSet,
  look: [Cells, Cells] | undefined,
  visit: PairVisitor,
) {
  const runs = look?.[0].runs ?? [];
  const runOfBin = new Map(runs.map(([first], r) => [binOf(grid, valueOfKey(first)), r]));
  for (let bin = 0; bin < grid.bins; bin++) {
    if (x.counts[bin] === 0 && y.counts[bin] === 0) continue;
    const r = runOfBin.get(bin);
    if (look === undefined || r === undefined) {
      visit(x.counts[bin], y.counts[bin], false, bin);
      continue;
    }
    const [inX, inY] = look;
    for (let cell = inX.offsets[r]; cell < inX.offsets[r + 1]; cell++) {
      if (inX.counts[cell] === 0 && inY.counts[cell] === 0) continue;
      const [a, b] = [inX.sole[cell], inY.sole[cell]];
      const alike = runs[r][2] === 0 || (a !== SEVERAL && a === b);
      visit(inX.counts[cell], inY.counts[cell], alike, bin);
    }
  }
}

/**
 * The probability that a value of x is above a value of y, plus half of that of a tie. Different values in one bin or
 * cell count as ties: that is off by at most half of their share, which is the bound. Undefined if x or y is empty.
 *
 * @param look of runs of whole bins, the same for both
 */
export function probabilityAbove(
  grid: ValueGrid,
  x: PairSet,
  y: PairSet,
  look?: [Cells, Cells],
): { probability: number; errorBound: number } | undefined {
  const total = sum(x.counts) * sum(y.counts);
  if (total === 0) return undefined;
  let above = 0;
  let unknown = 0;
  let yBelow = 0;
  walkBoth(grid, x, y, look, (inX, inY, alike) => {
    above += inX * (yBelow + inY / 2);
    if (!alike) unknown += inX * inY;
    yBelow += inY;
  });
  return { probability: above / total, errorBound: unknown / 2 / total };
}

/** Most cells that AUROC is given, and of one bin as a power of two. */
const MOST_CELLS = 1 << 21;
const BIN_BITS = 8;

/** The bins to split so that AUROC is known within `bound`, those that matter most first; none if it is so already. */
export function mingledBins(grid: ValueGrid, x: PairSet, y: PairSet, bound: number): KeyRun[] {
  const total = sum(x.counts) * sum(y.counts);
  const weights: { bin: number; weight: number }[] = [];
  let unknown = 0;
  for (let bin = 0; bin < grid.bins; bin++) {
    const weight = (x.counts[bin] * y.counts[bin]) / 2 / total;
    if (weight > 0) weights.push({ bin, weight });
    unknown += weight > 0 ? weight : 0;
  }
  if (!(unknown > bound)) return [];
  weights.sort((a, b) => b.weight - a.weight || a.bin - b.bin);
  const runs: KeyRun[] = [];
  let cells = 0;
  for (const { bin, weight } of weights) {
    if (unknown <= bound / 2) break;
    const run = runOfBin(grid, bin, BIN_BITS);
    if (cells + run[1] > MOST_CELLS) break;
    runs.push(run);
    cells += run[1];
    unknown -= weight;
  }
  return runs;
}
