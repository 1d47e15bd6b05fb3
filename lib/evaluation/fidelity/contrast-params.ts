/** Parameters of the table of encodings, derived from the config only. */
import type { Metric } from '../../pairwise/spaces/metric.ts';
import { type FidelityConfig, type Subject, subjectsOf } from './subject.ts';

/** Subjects of the comparison, the first of which is the reference, and its settings. */
export type ContrastParams = {
  readonly subjects: readonly Pick<Subject, 'name' | 'role' | 'control'>[];
  /** Numbers k of nearest cells, ascending. */
  readonly neighbors: readonly number[];
  readonly referenceMetric: Metric;
  /** Number of resamples; 0: none. */
  readonly bootstrap: number;
};

/** Returns the part of the config on which the table depends; null if fidelity is switched off. */
export function contrastParams(config: FidelityConfig): ContrastParams | null {
  const { fidelity } = config;
  if (fidelity === null) return null;
  return {
    subjects: subjectsOf(config).map(({ name, role, control }) => ({ name, role, control })),
    neighbors: [...new Set(fidelity.neighbors)].sort((a, b) => a - b),
    referenceMetric: fidelity.referenceMetric,
    bootstrap: fidelity.bootstrap,
  };
}
