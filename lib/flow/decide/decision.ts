/** What is to be done about a target, and why. Pure data: see decide.ts for how it is found. */
import type { FolderChange } from '../keys/folder.ts';
import type { ActionKey } from '../keys/key.ts';
import type { Plain } from '../stage.ts';

/**
 * - `fresh`: the outputs of the last run still hold; nothing to do.
 * - `cached`: the outputs for exactly these inputs are in the store from an earlier run; nothing runs.
 * - `stale`: must run; `causes` say why.
 * - `unknown`: depends on a target that must run first; if that gives the same bytes, nothing runs here.
 * - `blocked`: depends on a target that failed.
 * - `failed`: cannot be decided, because an external input cannot be read.
 */
export type State = 'fresh' | 'cached' | 'stale' | 'unknown' | 'blocked' | 'failed';

/** One reason why a target is not up to date. */
export type Cause =
  | { kind: 'new' }
  | { kind: 'param'; path: string; old: Plain | undefined; new: Plain | undefined }
  /** Modules and packages of the stage's bundle that changed. */
  | { kind: 'code'; changed: string[]; added: string[]; removed: string[] }
  /**
   * `from` is the target that wrote the input, or the path of an external file; `old` and `new` are hashes of its
   * content, absent for an input that was added or removed. `files` are the names that differ in a folder, if both
   * of its listings are known.
   */
  | {
      kind: 'input';
      slot: string;
      from: string;
      external: boolean;
      old?: string;
      new?: string;
      files?: FolderChange;
    }
  | { kind: 'seed'; old: number | null; new: number | null }
  | { kind: 'environment'; name: string; old?: string; new?: string }
  | { kind: 'damaged'; output: string; detail: string }
  /** There is a record, but it cannot be used: it is of another version of the framework. */
  | { kind: 'record'; detail: string }
  | { kind: 'forced' }
  /**
   * For `unknown` and `blocked`: the inputs that wait or are not to be had; `until` names the targets that must
   * run, up the graph, before it is known whether this one does.
   */
  | { kind: 'upstream'; targets: string[]; until?: string[] }
  | { kind: 'error'; message: string };

/** The earlier record that a target is compared with, and for what it was made: config file and data. */
export interface Compared {
  readonly key: ActionKey;
  readonly study: string;
}

/** The state of one target, and why. */
export interface Decision {
  readonly target: string;
  readonly state: State;
  readonly causes: readonly Cause[];
  /** Since when the causes are told; absent for what was never made or is up to date. */
  readonly comparedWith?: Compared;
  /**
   * The first cause up the graph that explains this decision: itself, or the target whose own params, code
   * or files changed.
   */
  readonly root?: {
    readonly target: string;
    readonly causes: readonly Cause[];
    readonly comparedWith?: Compared;
  };
}
