/**
 * Metrics by name. A new metric needs a file under `metrics/` and a line in `metrics.ts`. Nothing here may change a
 * result: this file is no part of the identity of stages that name the code of a metric (see `metricsModule`).
 */
import type { Orientation } from '../../data/results/tables.ts';
import type { MetricDefinition } from './metric-definition.ts';
import * as listed from './metrics.ts';

type Listed = (typeof listed)[keyof typeof listed];

export type Metric = Listed['name'];
export type DetectionMetric = Extract<Listed, { needs: 'detected genes' }>['name'];

const metrics: readonly MetricDefinition<Metric>[] = Object.values(listed);
const byName = new Map<string, MetricDefinition>(metrics.map((metric) => [metric.name, metric]));
const namesOf = (needs: MetricDefinition['needs']) =>
  metrics
    .filter((metric) => metric.needs === needs)
    .map(({ name }) => name)
    .sort();

/** URL of this file, for `apart` of a stage that names the code of its instances by `metricCode`. */
export const metricsModule = import.meta.url;

/** Names of the metrics of rows of any numbers, sorted. */
export const METRICS = namesOf('numbers') as readonly Exclude<Metric, DetectionMetric>[];

/** Names of the metrics that need the detected genes of a cell, sorted; for encodings only. */
export const DETECTION_METRICS = namesOf('detected genes') as readonly DetectionMetric[];

/** Returns the metric with a name; an unknown name is an internal error. */
export function metricOf(name: string): MetricDefinition {
  const metric = byName.get(name);
  if (metric === undefined) throw new Error(`Internal error: no metric "${name}"`);
  return metric;
}

/** Returns the modules that a metric runs, for `code` of a stage. */
export const metricCode = (name: string): string[] => [metricOf(name).module];

export const isDetectionMetric = (metric: string): metric is DetectionMetric =>
  metricOf(metric).needs === 'detected genes';

/** Orientation of a metric: cells that are more alike have larger ('similarity') or smaller ('distance') values. */
export const orientationOf = (metric: string): Orientation => metricOf(metric).orientation;
