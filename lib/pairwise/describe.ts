/** What the passes say together: the numbers of each pair of types, and of all pairs within and between types. */
import type { Distribution, DistributionSummary, measurePairsTable } from '../formats/result-tables.ts';
import type { Columns } from '../formats/types.ts';
import type { Cells, MergedLook } from './closer-look.ts';
import { type Metric, orientationOf } from './metric.ts';
import { probabilityAbove, seekQuantiles } from './order-statistics.ts';
import { plotHistogram } from './plot-histogram.ts';
import { type FiveQuantiles, quantileColumns } from './quantiles.ts';
import { addMoments, type MergedSurvey, type Moments, type PairSet } from './survey.ts';
import { groupOf } from './type-pairs.ts';
import type { ValueGrid } from './value-grid.ts';

/** A group of pairs with all that is said of it. */
interface Described extends Moments {
  readonly quantiles: FiveQuantiles | null;
}

/** Groups by number: those that were held, and those that were counted. */
function describedGroups(survey: MergedSurvey, looks: readonly MergedLook[]): (group: number) => Described {
  const large = new Map<number, Described>();
  for (const [group, set] of survey.large) {
    const own = looks.flatMap((look) => look.large.get(group) ?? []);
    large.set(group, { ...set, quantiles: quantilesOf(survey.grid, set, own) });
  }
  return (group) =>
    large.get(group) ?? survey.groups.get(group) ?? { group, n: 0, sum: 0, min: 0, max: 0, quantiles: null };
}

/** Null for no values. */
function quantilesOf(grid: ValueGrid, set: PairSet, looks: readonly Cells[]): FiveQuantiles | null {
  const { quantiles, missing } = seekQuantiles(grid, set, looks);
  if (missing.length > 0)
    throw new Error(`Internal error: order statistics in ${missing.length} runs were not found`);
  return quantiles ?? null;
}

/** The table of type pairs, by type_a and then type_b; `n_pairs` are the pairs that have a value. */
export function describeTypePairs(
  names: readonly string[],
  survey: MergedSurvey,
  looks: readonly MergedLook[],
): Columns<typeof measurePairsTable> {
  const groups = describedGroups(survey, looks);
  const rows = names.flatMap((_, a) =>
    names.slice(a).map((_, later) => ({ a, b: a + later, group: groups(groupOf(a, a + later)) })),
  );
  return {
    type_a: rows.map(({ a }) => names[a]),
    type_b: rows.map(({ b }) => names[b]),
    within: rows.map(({ a, b }) => a === b),
    n_pairs: Float64Array.from(rows, ({ group }) => group.n),
    mean: Float64Array.from(rows, ({ group }) => (group.n === 0 ? Number.NaN : group.sum / group.n)),
    ...quantileColumns(rows.map(({ group }) => group)),
  };
}

/**
 * All pairs, within types and between them. AUROC is the probability that a pair within is more alike than a pair
 * between, ties counted half; Cliff's delta is 2·AUROC − 1.
 */
export function describeDistribution(
  metric: Metric,
  space: { readonly cells: number; readonly types: number; readonly genes?: number; readonly dims?: number },
  survey: MergedSurvey,
  looks: readonly MergedLook[],
): Distribution {
  const { grid, within, between } = survey;
  const orientation = orientationOf(metric);
  const first = looks[0];
  const above = probabilityAbove(grid, within, between, first && [first.within, first.between]);
  const auroc =
    above === undefined ? null : orientation === 'similarity' ? above.probability : 1 - above.probability;
  const moments = {
    within: scopeMoments(survey, space.types, true),
    between: scopeMoments(survey, space.types, false),
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
        looks.map((look) => look.within),
      ),
    ),
    between: summary(
      moments.between,
      quantilesOf(
        grid,
        between,
        looks.map((look) => look.between),
      ),
    ),
    auroc,
    auroc_error_bound: above?.errorBound ?? null,
    cliffs_delta: auroc === null ? null : 2 * auroc - 1,
    histogram: plotHistogram(grid, within.counts, between.counts, none ? [Number.NaN, Number.NaN] : range),
  };
}

/** Sums over the groups of a scope, in the order of their numbers. */
function scopeMoments({ groups, large }: MergedSurvey, types: number, within: boolean): Moments {
  let moments: Moments = { group: -1, n: 0, sum: 0, min: 0, max: 0 };
  for (let b = 0; b < types; b++) {
    for (let a = within ? b : 0; a < (within ? b + 1 : b); a++) {
      const group = groups.get(groupOf(a, b)) ?? large.get(groupOf(a, b));
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
