/** Views of the same cells, each with its own space and its own labels. */
import { never } from '../../errors.ts';
import type { Metric } from '../../pairwise/spaces/metric.ts';

/**
 * View of the cells of a subject (an encoding, a ceiling or a floor), as plain data. A subject has a view for each metric,
 * for each replicate if it draws random numbers, and for each half if its halves are compared with each other.
 */
export type View = {
  readonly metric: Metric;
  readonly replicate: number;
  /** Half of a subject that is compared with itself, 0 or 1; null for a subject that is compared with the reference. */
  readonly half: 0 | 1 | null;
};

/** Subjects that are not encodings, by the limits that they show. */
export const CEILINGS = ['second-layout', 'split-half'] as const;
export const FLOORS = ['shuffled-labels', 'random-order', 'depth'] as const;
export type Control = (typeof CEILINGS)[number] | (typeof FLOORS)[number];

export type Role = 'reference' | 'encoding' | 'ceiling' | 'floor';

export const isCeiling = (control: Control) => (CEILINGS as readonly string[]).includes(control);

/** Whether the two halves of a control are compared with each other. */
export const hasHalves = (control: Control) => control === 'split-half' || control === 'second-layout';

/** Returns the views of an encoding: one in each metric, and further replicates in the reference metric only. */
export function encodingViews(
  metrics: readonly Metric[],
  referenceMetric: Metric,
  replicates: number,
): View[] {
  return replicatesOf(replicates).flatMap((replicate) =>
    (replicate === 0 ? metrics : [referenceMetric]).map((metric) => ({ metric, replicate, half: null })),
  );
}

/** Returns the views of a ceiling or floor. Total counts are one number per cell, for which only distances are defined. */
export function controlViews(control: Control, metric: Metric, seeds: number): View[] {
  switch (control) {
    case 'second-layout':
      return halves('euclidean', 0);
    case 'split-half':
      return replicatesOf(seeds).flatMap((replicate) => halves(metric, replicate));
    case 'shuffled-labels':
    case 'random-order':
      return replicatesOf(seeds).map((replicate) => ({ metric, replicate, half: null }));
    case 'depth':
      return [{ metric: 'euclidean', replicate: 0, half: null }];
    default:
      return never(control);
  }
}

const halves = (metric: Metric, replicate: number): View[] => [
  { metric, replicate, half: 0 },
  { metric, replicate, half: 1 },
];

const replicatesOf = (n: number) => Array.from({ length: n }, (_, replicate) => replicate);
