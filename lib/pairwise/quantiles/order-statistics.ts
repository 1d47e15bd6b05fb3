/** Exact quantiles, and AUROC with an error bound, from counts, held values and refinements. */

import { type FiveQuantiles, quantilesFrom } from '../../stats/quantiles.ts';
import { sum } from '../../stats/sums.ts';
import { type KeyRun, runOfBin, runOfKeys, SEVERAL } from './key-runs.ts';
import type { PairSet, RankedSet } from './merged-counts.ts';
import type { SubBins } from './refinement.ts';
import { binOf, type ValueGrid } from './value-grid.ts';
import { valueOfKey } from './value-order.ts';

/** Bits of resolution that one refinement adds. */
const REFINEMENT_BITS = 16;

/** Result of a search for quantiles: the quantiles, or the runs that must be refined first. */
export interface Sought {
  /** Undefined without values, and while runs are missing. */
  readonly quantiles: FiveQuantiles | undefined;
  readonly missing: readonly KeyRun[];
}

/** Searches the quantiles of a set of pairs. Throws if the held values of a bin contradict its count. */
export function seekQuantiles(grid: ValueGrid, set: RankedSet, refinements: readonly SubBins[]): Sought {
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
    const sought = seekInSubBins(runOfBin(grid, bin, REFINEMENT_BITS), rank - below, refinements);
    if (typeof sought === 'number') found.set(rank, sought);
    else missing.set(sought[0], sought);
  }
  if (missing.size > 0) return { quantiles: undefined, missing: [...missing.values()] };
  return { quantiles: quantilesFrom(n, (rank) => found.get(rank)!), missing: [] };
}

/** Returns the value with `before` others before it in a run, or the run that must be refined to find it. */
function seekInSubBins(run: KeyRun, before: number, refinements: readonly SubBins[]): number | KeyRun {
  for (const subBins of refinements) {
    const r = subBins.runs.findIndex(([first, , shift]) => first === run[0] && shift <= run[2]);
    if (r < 0) continue;
    const [first, , shift] = subBins.runs[r];
    let below = 0;
    for (let subBin = subBins.offsets[r]; subBin < subBins.offsets[r + 1]; subBin++) {
      below += subBins.counts[subBin];
      if (before >= below) continue;
      const from = first + (subBin - subBins.offsets[r]) * 2 ** shift;
      if (shift === 0) return valueOfKey(from);
      if (subBins.sole[subBin] !== SEVERAL) return valueOfKey(subBins.sole[subBin]);
      const inner = runOfKeys(from, from + 2 ** shift, REFINEMENT_BITS);
      return seekInSubBins(inner, before - below + subBins.counts[subBin], refinements);
    }
  }
  return run;
}

/** Visitor of the bins and sub-bins of both sets, ascending, with their counts; `alike` if all values in it are equal. */
type PairVisitor = (x: number, y: number, alike: boolean, bin: number) => void;

function walkBoth(
  grid: ValueGrid,
  x: PairSet,
  y: PairSet,
  refinement: [SubBins, SubBins] | undefined,
  visit: PairVisitor,
) {
  const runs = refinement?.[0].runs ?? [];
  const runOfBin = new Map(runs.map(([first], r) => [binOf(grid, valueOfKey(first)), r]));
  for (let bin = 0; bin < grid.bins; bin++) {
    if (x.counts[bin] === 0 && y.counts[bin] === 0) continue;
    const r = runOfBin.get(bin);
    if (refinement === undefined || r === undefined) {
      visit(x.counts[bin], y.counts[bin], false, bin);
      continue;
    }
    const [inX, inY] = refinement;
    for (let subBin = inX.offsets[r]; subBin < inX.offsets[r + 1]; subBin++) {
      if (inX.counts[subBin] === 0 && inY.counts[subBin] === 0) continue;
      const [a, b] = [inX.sole[subBin], inY.sole[subBin]];
      const alike = runs[r][2] === 0 || (a !== SEVERAL && a === b);
      visit(inX.counts[subBin], inY.counts[subBin], alike, bin);
    }
  }
}

/**
 * Returns the probability that a value of x is above a value of y, plus half the probability of a tie. Different values
 * in one bin or sub-bin count as ties; the error is at most half their share of all comparisons, which is the bound.
 * Undefined if x or y is empty.
 *
 * @param refinement sub-bins of x and of y, with the same runs of whole bins
 */
export function probabilityAbove(
  grid: ValueGrid,
  x: PairSet,
  y: PairSet,
  refinement?: [SubBins, SubBins],
): { probability: number; errorBound: number } | undefined {
  const total = sum(x.counts) * sum(y.counts);
  if (total === 0) return undefined;
  let above = 0;
  let unknown = 0;
  let yBelow = 0;
  walkBoth(grid, x, y, refinement, (inX, inY, alike) => {
    above += inX * (yBelow + inY / 2);
    if (!alike) unknown += inX * inY;
    yBelow += inY;
  });
  return { probability: above / total, errorBound: unknown / 2 / total };
}

/** Largest number of sub-bins for AUROC, and the sub-bins of one bin as a power of two. */
const MOST_SUB_BINS = 1 << 21;
const BIN_BITS = 8;

/** Returns the bins to split so that AUROC is known within `bound`, largest error first; none if it is already. */
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
  let subBins = 0;
  for (const { bin, weight } of weights) {
    if (unknown <= bound / 2) break;
    const run = runOfBin(grid, bin, BIN_BITS);
    if (subBins + run[1] > MOST_SUB_BINS) break;
    runs.push(run);
    subBins += run[1];
    unknown -= weight;
  }
  return runs;
}
