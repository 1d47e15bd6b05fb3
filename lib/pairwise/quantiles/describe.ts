/** Results of all passes: statistics of each pair of types, and of all pairs within and between types. */
import type { Columns } from '../../data/kinds/types.ts';
import type { Distribution, DistributionSummary, measurePairsTable } from '../../data/results/tables.ts';
import type { FiveQuantiles } from '../../stats/quantiles.ts';
import { orientationOf } from '../spaces/metric.ts';
import { groupOf } from '../tiles/type-pairs.ts';
import type { DescribedGroup } from './group-quantiles.ts';
import type { MergedCounts, RankedSet } from './merged-counts.ts';
import { addMoments, type Moments, NO_MOMENTS } from './moments.ts';
import { probabilityAbove, seekQuantiles } from './order-statistics.ts';
import { plotHistogram } from './plot-histogram.ts';
import type { MergedRefinement, SubBins } from './refinement.ts';
import type { ValueGrid } from './value-grid.ts';

/** Returns a look-up of groups by number: those that one part described, and those that several parts counted. */
function describedGroups(
  counted: MergedCounts,
  refinements: readonly MergedRefinement[],
): (group: number) => DescribedGroup {
  const split = new Map<number, DescribedGroup>();
  for (const [group, set] of counted.split) {
    const own = refinements.flatMap((refinement) => refinement.split.get(group) ?? []);
    split.set(group, { ...set, quantiles: quantilesOf(counted.grid, set, own) });
  }
  return (group) => split.get(group) ?? counted.groups.get(group) ?? { ...NO_MOMENTS, quantiles: null };
}

/** Returns the quantiles of a set; null without values. Throws if a refinement is missing. */
function quantilesOf(grid: ValueGrid, set: RankedSet, refinements: readonly SubBins[]): FiveQuantiles | null {
  const { quantiles, missing } = seekQuantiles(grid, set, refinements);
  if (missing.length > 0)
    throw new Error(`Internal error: order statistics in ${missing.length} runs were not found`);
  return quantiles ?? null;
}

/** Returns the table of type pairs, by type_a and then type_b; `n_pairs` counts the pairs that have a value. */
export function describeTypePairs(
  names: readonly string[],
  counted: MergedCounts,
  refinements: readonly MergedRefinement[],
): Columns<typeof measurePairsTable> {
  const describe = describedGroups(counted, refinements);
  const count = (names.length * (names.length + 1)) / 2;
  const [nPairs, mean, ...fiveQuantiles] = Array.from({ length: 7 }, () => new Float64Array(count));
  const [typeA, typeB, within]: [string[], string[], boolean[]] = [[], [], []];
  for (let a = 0, row = 0; a < names.length; a++) {
    for (let b = a; b < names.length; b++, row++) {
      const { n, sum, quantiles } = describe(groupOf(a, b));
      typeA.push(names[a]);
      typeB.push(names[b]);
      within.push(a === b);
      nPairs[row] = n;
      mean[row] = n === 0 ? Number.NaN : sum / n;
      for (const [q, values] of fiveQuantiles.entries()) values[row] = quantiles?.[q] ?? Number.NaN;
    }
  }
  const [q05, q25, median, q75, q95] = fiveQuantiles;
  return { type_a: typeA, type_b: typeB, within, n_pairs: nPairs, mean, q05, q25, median, q75, q95 };
}

/**
 * Describes all pairs, within types and between them. AUROC is the probability that a pair within is more alike than a
 * pair between, ties counted half; Cliff's delta is 2·AUROC − 1.
 */
export function describeDistribution(
  metric: string,
  space: { readonly cells: number; readonly types: number; readonly genes?: number; readonly dims?: number },
  counted: MergedCounts,
  refinements: readonly MergedRefinement[],
): Distribution {
  const { grid, within, between } = counted;
  const orientation = orientationOf(metric);
  const first = refinements[0];
  const above = probabilityAbove(grid, within, between, first && [first.within, first.between]);
  const auroc =
    above === undefined ? null : orientation === 'similarity' ? above.probability : 1 - above.probability;
  const moments = {
    within: scopeMoments(counted, space.types, true),
    between: scopeMoments(counted, space.types, false),
  };
  const { min, max } = addMoments(moments.within, moments.between);
  const range = [min, max] as const;
  const none = moments.within.n + moments.between.n === 0;
  return {
    metric,
    orientation,
    genes_used: space.genes,
    dims: space.dims,
    cells: space.cells,
    within: summary(
      moments.within,
      quantilesOf(
        grid,
        within,
        refinements.map((refinement) => refinement.within),
      ),
    ),
    between: summary(
      moments.between,
      quantilesOf(
        grid,
        between,
        refinements.map((refinement) => refinement.between),
      ),
    ),
    auroc,
    auroc_error_bound: above?.errorBound ?? null,
    cliffs_delta: auroc === null ? null : 2 * auroc - 1,
    histogram: plotHistogram(grid, within.counts, between.counts, none ? [Number.NaN, Number.NaN] : range),
  };
}

/** Sums moments over the groups of a scope, in the order of their numbers. */
function scopeMoments({ groups, split }: MergedCounts, types: number, within: boolean): Moments {
  let moments = NO_MOMENTS;
  for (let b = 0; b < types; b++) {
    for (let a = within ? b : 0; a < (within ? b + 1 : b); a++) {
      const group = split.get(groupOf(a, b)) ?? groups.get(groupOf(a, b));
      if (group !== undefined) moments = addMoments(moments, group);
    }
  }
  return moments;
}

function summary({ n, sum, min, max }: Moments, quantiles: FiveQuantiles | null): DistributionSummary {
  if (quantiles === null) {
    const none = null;
    return {
      n: 0,
      min: none,
      max: none,
      mean: none,
      q05: none,
      q25: none,
      median: none,
      q75: none,
      q95: none,
    };
  }
  const [q05, q25, median, q75, q95] = quantiles;
  return { n, min, max, mean: sum / n, q05, q25, median, q75, q95 };
}
