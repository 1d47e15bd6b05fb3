/** Names of measures on axes, and the direction in which cells are more alike. */
import type { Orientation } from '../../data/results/tables.ts';
import type { MeasureInfo } from '../measure-info.ts';
import { fit, printable } from './text.ts';

const METRICS: Record<string, string> = {
  spearman: 'Spearman ρ',
  pearson: 'Pearson r',
  cosine: 'cosine similarity',
  ochiai: 'Ochiai overlap',
  'spearman-union': 'Spearman ρ, genes of either',
  'spearman-intersection': 'Spearman ρ, genes of both',
  euclidean: 'Euclidean distance',
};

export const metricName = (metric: string): string => METRICS[metric] ?? printable(metric);

/** Returns the label of an axis, such as "rank-spearman: Spearman ρ (more alike →)", shortened to a width. */
export function axisLabel(measure: MeasureInfo, orientation: Orientation, width: number): string {
  return `${fit(`${measure.name}: ${metricName(measure.metric)}`, width - 100, 12)} (${alike(orientation)})`;
}

/** Direction in which cells are more alike. Text of a vertical axis runs upwards, so its arrows are the same. */
export function alike(orientation: Orientation): string {
  return orientation === 'similarity' ? 'more alike →' : '← more alike';
}

/** Returns the extent of values with a margin, never of zero width. Missing values do not count. */
export function extent(values: Iterable<number | null>, room = 0.04): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of values) {
    if (v === null || !Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low > high) return [0, 1];
  const pad = high > low ? (high - low) * room : Math.abs(low) * 0.05 || 0.5;
  return [low - pad, high + pad];
}
