/** What two cells are compared by. */
import type { Orientation } from '../formats/result-tables.ts';
import type { Metric } from './neighbors-name.ts';

export {
  DETECTION_METRICS,
  type DetectionMetric,
  isDetectionMetric,
  METRICS,
  type Metric,
} from './neighbors-name.ts';

/** Whether cells that are more alike have larger or smaller values. */
export function orientationOf(metric: Metric): Orientation {
  return metric === 'euclidean' ? 'distance' : 'similarity';
}
