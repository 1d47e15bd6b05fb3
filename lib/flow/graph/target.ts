import type { AnyKind, Plain, Stage } from '../stage.ts';

/** Resolved origin of an input. */
export type InputSource =
  | { readonly from: 'artifact'; readonly target: string; readonly output: string; readonly kind: AnyKind }
  | ExternalSource;

/** File or folder outside the store, by absolute path. */
export type ExternalSource =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'folder'; readonly path: string; readonly check?: (path: string) => Promise<void> };

/** Target: a stage, or one of its instances, under one config. */
export interface Target {
  /** Id such as `hvg`, or `encode[rank]` for an instance. */
  readonly id: string;
  readonly stage: Stage;
  /** Name of the instance; '' if the stage has a single target. */
  readonly instance: string;
  readonly params: Plain;
  /** Seed; null for a stage that draws no random numbers. */
  readonly seed: number | null;
  /** What else the bytes depend on, as the stage says. */
  readonly environment: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, InputSource | readonly InputSource[]>>;
  /** Excerpt of the config that the stage's `inputs` reads, to determine the input kinds in a worker. */
  readonly wiring: unknown;
  readonly dependsOn: readonly string[];
  /** Inputs outside the store. */
  readonly external: readonly ExternalSource[];
  /** Absolute paths of files with code of this instance alone. */
  readonly code: readonly string[];
  /** Whether its actions ask for all cores. */
  readonly wantsAllCores: boolean;
  /** Outputs with a name under `latest/`. */
  readonly publish: readonly { readonly slot: string; readonly name: string }[];
  /** Outputs that the stage may leave unwritten. */
  readonly optional: readonly string[];
}

/** All targets under one config, with their inputs. */
export interface Graph {
  /** Targets by id, in topological order; otherwise in the order of the stages and the config. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly config: unknown;
  readonly seed: number;
  /** Folder that relative paths are resolved against. */
  readonly root: string;
  /** Stages that have no target under this config. */
  readonly unused: readonly Stage[];
  /** Old names of stages → current names. */
  readonly renamed: Readonly<Record<string, string>>;
}

export function targetId(stage: string, instance: string): string {
  return instance === '' ? stage : `${stage}[${instance}]`;
}
