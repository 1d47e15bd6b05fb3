/** What both passes say together: the numbers of each pair of types, and of all pairs within and between types. */
import type { Distribution, DistributionSummary, measurePairsTable } from '../formats/result-tables.ts';
import type { Columns } from '../formats/types.ts';
import { type MergedLook, PLOT_BINS } from './closer-look.ts';
import { type Metric, orientationOf } from './metric.ts';
import { exactQuantiles, probabilityAbove } from './order-statistics.ts';
import { addPackedCounts } from './packed-counts.ts';
import type { FiveQuantiles } from './quantiles.ts';
import { Refinement } from './refinement.ts';
import { addMoments, coarseCounts, type MergedSurvey, type Moments } from './survey.ts';
import { groupOf } from './type-pairs.ts';

/** A group of pairs with all that is said of it. */
interface Described extends Moments {
  readonly quantiles: FiveQuantiles | null;
}

/** Groups by number: those that were held, and those that were counted in two passes. */
function describedGroups(survey: MergedSurvey, look: MergedLook): (group: number) => Described {
  const large = new Map<number, Described>();
  for (const [group, { packed, ...moments }] of survey.large) {
    const own = look.large.get(group)!;
    const refinement = new Refinement(own.runs);
    const fine = new Float64Array(refinement.cells);
    for (const counts of own.packed) addPackedCounts(counts, fine);
    large.set(group, {
      ...moments,
      quantiles: exactQuantiles(refinement, coarseCounts(packed), fine) ?? null,
    });
  }
  return (group) =>
    large.get(group) ?? survey.groups.get(group) ?? { group, n: 0, sum: 0, min: 0, max: 0, quantiles: null };
}

/** The table of type pairs, by type_a and then type_b; `n_pairs` are the pairs that have a value. */
export function describeTypePairs(
  names: readonly string[],
  survey: MergedSurvey,
  look: MergedLook,
): Columns<typeof measurePairsTable> {
  const groups = describedGroups(survey, look);
  const rows = names.flatMap((_, a) =>
    names.slice(a).map((_, later) => ({ a, b: a + later, group: groups(groupOf(a, a + later)) })),
  );
  const quantile = (i: number) => Float64Array.from(rows, ({ group }) => group.quantiles?.[i] ?? Number.NaN);
  return {
    type_a: rows.map(({ a }) => names[a]),
    type_b: rows.map(({ b }) => names[b]),
    within: rows.map(({ a, b }) => a === b),
    n_pairs: Float64Array.from(rows, ({ group }) => group.n),
    median: quantile(2),
    mean: Float64Array.from(rows, ({ group }) => (group.n === 0 ? Number.NaN : group.sum / group.n)),
    q05: quantile(0),
    q25: quantile(1),
    q75: quantile(3),
    q95: quantile(4),
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
  look: MergedLook,
  range: readonly [min: number, max: number],
): Distribution {
  const orientation = orientationOf(metric);
  const above = probabilityAbove(
    look.refinement,
    [survey.within, survey.between],
    [look.within, look.between],
    look.sole,
  );
  const auroc =
    above === undefined ? null : orientation === 'similarity' ? above.probability : 1 - above.probability;
  return {
    metric,
    orientation,
    genes_used: space.genes,
    dims: space.dims,
    cells: space.cells,
    within: summary(scopeMoments(survey, space.types, true), survey.within, look.within, look.refinement),
    between: summary(scopeMoments(survey, space.types, false), survey.between, look.between, look.refinement),
    auroc,
    auroc_error_bound: above?.errorBound ?? null,
    cliffs_delta: auroc === null ? null : 2 * auroc - 1,
    histogram: {
      edges: Array.from({ length: PLOT_BINS + 1 }, (_, i) =>
        i === PLOT_BINS ? range[1] : range[0] + ((range[1] - range[0]) * i) / PLOT_BINS,
      ),
      within: look.plotWithin,
      between: look.plotBetween,
    },
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

function summary(
  { n, sum, min, max }: Moments,
  coarse: Float64Array,
  fine: Float64Array,
  refinement: Refinement,
): DistributionSummary {
  const quantiles = exactQuantiles(refinement, coarse, fine);
  if (quantiles === undefined) {
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
