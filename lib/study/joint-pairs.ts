/** Pairs of measures whose joint distribution the config asks for, as targets of the stage `joint`. */
import type { StudyConfig } from './config.ts';

export interface JointPair {
  /** Name of the instance: the target is `joint[instance]`. */
  readonly instance: string;
  readonly x: string;
  readonly y: string;
}

/** The pairs in the order of the config. No measure has a colon in its name, so each pair has an instance of its own. */
export function jointPairs({ joint }: Pick<StudyConfig, 'joint'>): JointPair[] {
  return joint.map(([x, y]) => ({ instance: `${x}:${y}`, x, y }));
}
