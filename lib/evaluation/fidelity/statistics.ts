/** All statistics of a subject, by replicate. */
import type { Metric } from '../../pairwise/spaces/metric.ts';
import { type Estimate, mapEstimate, meanEstimate } from '../../stats/estimate.ts';
import type { Resamples } from '../../stats/resample.ts';
import { medianAgreement } from './median-agreement.ts';
import { cellMeans, overlapOfCells, purityOfCells } from './neighborhood.ts';
import type { ViewProfile } from './profile.ts';
import { separation } from './separation.ts';
import type { StatisticKey } from './table.ts';
import type { Control } from './view.ts';

export interface Measured extends StatisticKey {
  /** Estimates, one per replicate. */
  readonly replicates: Estimate[];
}

/** Settings of the statistics. */
export interface Setting {
  /** Numbers k of neighbours. */
  readonly ks: readonly number[];
  readonly referenceMetric: Metric;
  readonly resamples: Resamples;
  /** Views of the reference, by metric. */
  readonly reference: ReadonlyMap<string, ViewProfile>;
}

/** Estimate of one statistic of a view, or of a view compared with another. */
type Said = StatisticKey & { readonly estimate: Estimate };

/** Computes all statistics of a subject. @param control null for an encoding */
export async function measureSubject(
  control: Control | null,
  views: AsyncIterable<ViewProfile>,
  setting: Setting,
): Promise<Measured[]> {
  const byKey = new Map<string, Measured>();
  const add = ({ estimate, ...key }: Said) => {
    const name = keyOf(key);
    if (!byKey.has(name)) byKey.set(name, { ...key, replicates: [] });
    byKey.get(name)!.replicates.push(estimate);
  };
  let first: ViewProfile | undefined;
  for await (const view of views) {
    if (view.view.half === null) {
      for (const said of ofOne(view, setting)) add(said);
      // Labels have no effect on neighbours.
      for (const said of againstReference(view, setting, control !== 'shuffled-labels')) add(said);
    } else if (view.view.half === 0) {
      first = view;
    } else {
      const other = ofOne(view, setting);
      for (const [i, said] of ofOne(first!, setting).entries()) {
        add({ ...said, estimate: meanEstimate([said.estimate, other[i].estimate]) });
      }
      for (const said of ofTwo(first!, view, setting, true)) add(said);
    }
  }
  return [...byKey.values()];
}

export const keyOf = ({ statistic, metric, referenceMetric, k }: StatisticKey) =>
  JSON.stringify([statistic, metric, referenceMetric, k]);

function ofOne(profile: ViewProfile, { ks, resamples }: Setting): Said[] {
  const { metric } = profile.view;
  const key = { metric, referenceMetric: null, k: null };
  const { auroc, gap } = separation(profile, resamples);
  return [
    { ...key, statistic: 'auroc', estimate: auroc },
    { ...key, statistic: 'cliffs_delta', estimate: mapEstimate(auroc, (share) => 2 * share - 1) },
    { ...key, statistic: 'gap_over_spread', estimate: gap },
    ...ks.flatMap((k): Said[] => {
      const { overCells, overTypes } = cellMeans(purityOfCells(profile, k), profile.types, resamples);
      return [
        { ...key, k, statistic: 'label_purity', estimate: overCells },
        { ...key, k, statistic: 'label_purity_macro', estimate: overTypes },
      ];
    }),
  ];
}

/** Compares a view with the reference in the same metric, and in the reference's own metric. */
function againstReference(profile: ViewProfile, setting: Setting, neighbors: boolean): Said[] {
  const metrics = new Set([profile.view.metric, setting.referenceMetric]);
  return [...metrics].flatMap((metric) => {
    const reference = setting.reference.get(metric);
    return reference === undefined ? [] : ofTwo(profile, reference, setting, neighbors);
  });
}

function ofTwo(
  profile: ViewProfile,
  other: ViewProfile,
  { ks, resamples }: Setting,
  neighbors: boolean,
): Said[] {
  const key = { metric: profile.view.metric, referenceMetric: other.view.metric, k: null };
  const agreement = (within: boolean) => medianAgreement(profile, other, within, resamples);
  return [
    { ...key, statistic: 'type_medians', estimate: agreement(true) },
    { ...key, statistic: 'type_pair_medians', estimate: agreement(false) },
    ...(neighbors ? ks : []).map((k): Said => {
      const { overCells } = cellMeans(overlapOfCells(profile, other, k), other.types, resamples);
      return { ...key, k, statistic: 'neighbor_overlap', estimate: overCells };
    }),
  ];
}
