/** All numbers of a subject: each statistic, by replicate. */
import type { Metric } from '../../pairwise/spaces/metric.ts';
import { type Estimate, meanEstimate } from '../../stats/estimate.ts';
import type { Resamples } from '../../stats/resample.ts';
import type { ViewProfile } from './profile.ts';
import type { AgreementStatistic, StatisticDefinition, ViewStatistic } from './statistic-definition.ts';
import * as listed from './statistics.ts';
import type { StatisticKey } from './table.ts';
import type { Control } from './view.ts';

/** In the order of the table: those of neighbours last, by name. */
const statistics = Object.values<StatisticDefinition>(listed).sort((a, b) =>
  a.ofNeighbors === b.ofNeighbors ? (a.name < b.name ? -1 : 1) : a.ofNeighbors ? 1 : -1,
);
const ofViews = statistics.filter((statistic): statistic is ViewStatistic => statistic.of === 'one view');
const ofAgreement = statistics.filter(
  (statistic): statistic is AgreementStatistic => statistic.of === 'two views',
);

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
  const key = { metric: profile.view.metric, referenceMetric: null };
  return each(ofViews, ks).map(({ statistic, k }) => ({
    ...key,
    k,
    statistic: statistic.name,
    estimate: statistic.measure(profile, resamples, k ?? 0),
  }));
}

/** With the reference by the same metric, and by its own. */
function againstReference(profile: ViewProfile, setting: Setting, neighbors: boolean): Said[] {
  const metrics = new Set([profile.view.metric, setting.referenceMetric]);
  return [...metrics].flatMap((metric) => {
    const reference = setting.reference.get(metric);
    return reference === undefined ? [] : ofTwo(profile, reference, setting, neighbors);
  });
}

/** @param neighbors false leaves out the statistics of neighbours */
function ofTwo(
  profile: ViewProfile,
  other: ViewProfile,
  { ks, resamples }: Setting,
  neighbors: boolean,
): Said[] {
  const key = { metric: profile.view.metric, referenceMetric: other.view.metric };
  return each(ofAgreement, neighbors ? ks : []).map(({ statistic, k }) => ({
    ...key,
    k,
    statistic: statistic.name,
    estimate: statistic.measure(profile, other, resamples, k ?? 0),
  }));
}

/** Statistics that are of no neighbours once, then the others for each k. */
function each<S extends StatisticDefinition>(
  all: readonly S[],
  ks: readonly number[],
): { statistic: S; k: number | null }[] {
  const whole = all.filter(({ ofNeighbors }) => !ofNeighbors);
  const near = all.filter(({ ofNeighbors }) => ofNeighbors);
  return [
    ...whole.map((statistic) => ({ statistic, k: null })),
    ...ks.flatMap((k) => near.map((statistic) => ({ statistic, k }))),
  ];
}
