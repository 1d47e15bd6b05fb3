/** What the table of encodings depends on, from the config alone. */
import type { Metric } from '../../pairwise/spaces/metric.ts';
import { type FidelityConfig, type Subject, subjectsOf } from './subject.ts';

/** What is set side by side, and how; the first subject is the reference. */
export type ContrastParams = {
  readonly subjects: readonly Pick<Subject, 'name' | 'role' | 'control'>[];
  /** Numbers of nearest cells, ascending. */
  readonly neighbors: readonly number[];
  readonly referenceMetric: Metric;
  /** Resamples; 0: none. */
  readonly bootstrap: number;
};

/** What of the config the table depends on; null if fidelity is switched off. */
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
