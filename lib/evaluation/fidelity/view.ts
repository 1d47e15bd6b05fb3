/** What is compared: views of the same cells, each a space of its own with labels of its own. */
import { never } from '../../errors.ts';
import type { Metric } from '../../pairwise/spaces/metric.ts';

/**
 * One way to look at the cells of a subject (an encoding, a ceiling or a floor). Plain data. A subject has a view for each
 * metric, for each replicate where it draws random numbers, and for each half if its halves are held against each other.
 */
export type View = {
  readonly metric: Metric;
  readonly replicate: number;
  /** 0 or 1 of a subject that is compared with itself; null of one that is compared with the reference. */
  readonly half: 0 | 1 | null;
};

/** The subjects that are no encodings, by what limits they show. */
export const CEILINGS = ['second-layout', 'split-half'] as const;
export const FLOORS = ['shuffled-labels', 'random-order', 'depth'] as const;
export type Control = (typeof CEILINGS)[number] | (typeof FLOORS)[number];

export type Role = 'reference' | 'encoding' | 'ceiling' | 'floor';

export const isCeiling = (control: Control) => (CEILINGS as readonly string[]).includes(control);

/** Controls whose two halves are held against each other. */
export const hasHalves = (control: Control) => control === 'split-half' || control === 'second-layout';

/** Views of an encoding: one in each metric, and further replicates in the reference's alone. */
export function encodingViews(
  metrics: readonly Metric[],
  referenceMetric: Metric,
  replicates: number,
): View[] {
  return replicatesOf(replicates).flatMap((replicate) =>
    (replicate === 0 ? metrics : [referenceMetric]).map((metric) => ({ metric, replicate, half: null })),
  );
}

/** Views of a ceiling or floor. Total counts are one number a cell: only distances are defined. */
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
