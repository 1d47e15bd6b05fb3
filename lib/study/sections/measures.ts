/** The key `measures`: measures of how alike two cells are, by name: a metric in the space of an encoding or an embedding. */
import { z } from 'zod';
import { instanceName } from '../../flow/graph/instance-name.ts';
import { DETECTION_METRICS, METRICS } from '../../pairwise/spaces/metric.ts';

const MeasureSchema = z.strictObject({
  /** Name of an encoding or an embedding. */
  of: z.string(),
  /** Metric of the measure; the detection metrics need an encoding. */
  metric: z.enum([...METRICS, ...DETECTION_METRICS]),
  /** Values at which pairs become relations; none for []. Absent: fitted to the measure. */
  cutoffs: z.array(z.number()).max(1000).optional(),
});

export type Measure = z.output<typeof MeasureSchema>;

export const measuresSection = {
  measures: z.record(instanceName, MeasureSchema).prefault({
    'expression-umap': { of: 'expressionUmap', metric: 'euclidean' },
    'rank-spearman': { of: 'rank', metric: 'spearman' },
  }),
};
