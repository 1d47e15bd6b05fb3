/** What two cells are compared by. */
import { z } from 'zod';
import type { Orientation } from '../../data/results/tables.ts';

/** The metrics that a space of cells can be measured in: rows of any numbers. */
export const METRICS = ['spearman', 'pearson', 'cosine', 'euclidean'] as const;

/** Metrics that ask which genes a cell has: for encodings only, where what is not stored is not detected. */
export const DETECTION_METRICS = ['ochiai', 'spearman-union', 'spearman-intersection'] as const;

/** Any metric, by name. */
export const MetricName = z.enum([...METRICS, ...DETECTION_METRICS]);
export type Metric = (typeof METRICS)[number] | DetectionMetric;
export type DetectionMetric = (typeof DETECTION_METRICS)[number];

export const isDetectionMetric = (metric: Metric): metric is DetectionMetric =>
  (DETECTION_METRICS as readonly string[]).includes(metric);

/** Whether cells that are more alike have larger or smaller values. */
export function orientationOf(metric: Metric): Orientation {
  return metric === 'euclidean' ? 'distance' : 'similarity';
}
