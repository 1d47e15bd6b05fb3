/**
 * Metrics by their names. A new one is a file under `metrics/` and a line in `metrics.ts`. Nothing here may change a
 * number: this file is no part of the identity of stages that name the code of a metric (see `metricsModule`).
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

/** This file, for `apart` of a stage that names the code of its instances by `metricCode`. */
export const metricsModule = import.meta.url;

/** The metrics that a space of cells can be measured in: rows of any numbers. Sorted. */
export const METRICS = namesOf('numbers') as readonly Exclude<Metric, DetectionMetric>[];

/** Metrics that ask which genes a cell has: for encodings only, where what is not stored is not detected. Sorted. */
export const DETECTION_METRICS = namesOf('detected genes') as readonly DetectionMetric[];

/** The metric of this name. */
export function metricOf(name: string): MetricDefinition {
  const metric = byName.get(name);
  if (metric === undefined) throw new Error(`Internal error: no metric "${name}"`);
  return metric;
}

/** The code that a metric runs, for `code` of a stage. */
export const metricCode = (name: string): string[] => [metricOf(name).module];

export const isDetectionMetric = (metric: string): metric is DetectionMetric =>
  metricOf(metric).needs === 'detected genes';

/** Whether cells that are more alike have larger or smaller values. */
export const orientationOf = (metric: string): Orientation => metricOf(metric).orientation;
