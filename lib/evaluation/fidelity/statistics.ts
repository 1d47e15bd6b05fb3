/** All numbers of a subject: each statistic, by replicate. */
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
  /** One a replicate. */
  readonly replicates: Estimate[];
}

/** What numbers are made with. */
export interface Setting {
  /** Numbers of neighbours. */
  readonly ks: readonly number[];
  readonly referenceMetric: Metric;
  readonly resamples: Resamples;
  /** The views of the reference, by metric. */
  readonly reference: ReadonlyMap<string, ViewProfile>;
}

/** What is said of two views: one as what is compared, the other as what it is compared with. */
type Said = StatisticKey & { readonly estimate: Estimate };

/** @param control null for an encoding */
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
      // Other labels change no neighbour.
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

/** With the reference by the same metric, and by its own. */
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
