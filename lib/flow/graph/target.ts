import type { AnyKind, Plain, Stage } from '../stage.ts';

/** The origin of an input, resolved. */
export type InputSource =
  | { readonly from: 'artifact'; readonly target: string; readonly output: string; readonly kind: AnyKind }
  | ExternalSource;

/** What lies outside the store, by its absolute path. */
export type ExternalSource =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'folder'; readonly path: string; readonly check?: (path: string) => Promise<void> };

/** One target: a stage, or one of its instances, under one config. */
export interface Target {
  /** `hvg`, or `encode[rank]` for an instance. */
  readonly id: string;
  readonly stage: Stage;
  /** '' if the stage has a single target. */
  readonly instance: string;
  readonly params: Plain;
  /** The seed, or null for a stage that draws no random numbers. */
  readonly seed: number | null;
  /** What else the bytes depend on, as the stage says. */
  readonly environment: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, InputSource | readonly InputSource[]>>;
  /** What the stage's `inputs` read of the config, for finding their kinds in a worker. */
  readonly wiring: unknown;
  readonly dependsOn: readonly string[];
  /** Inputs outside the store. */
  readonly external: readonly ExternalSource[];
  /** Files with code of this instance alone, absolute. */
  readonly code: readonly string[];
  /** Whether its actions ask for all cores. */
  readonly wantsAllCores: boolean;
  /** Outputs with a name under `latest/`. */
  readonly publish: readonly { readonly slot: string; readonly name: string }[];
  /** Outputs that the stage may leave unwritten. */
  readonly optional: readonly string[];
}

/** All targets under one config, with what each reads. */
export interface Graph {
  /** In topological order; among free ones in the order of the stages and the config. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly config: unknown;
  readonly seed: number;
  /** The folder from which relative paths count. */
  readonly root: string;
  /** Stages that have no target under this config. */
  readonly unused: readonly Stage[];
  /** Names that stages had before → their names now. */
  readonly renamed: Readonly<Record<string, string>>;
}

export function targetId(stage: string, instance: string): string {
  return instance === '' ? stage : `${stage}[${instance}]`;
}
