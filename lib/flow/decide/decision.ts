/** Decision on a target: its state and the causes. Pure data; decide.ts makes it. */
import type { FolderChange } from '../keys/folder.ts';
import type { ActionKey } from '../keys/key.ts';
import type { Plain } from '../stage.ts';

/**
 * State of a target:
 *
 * - `fresh`: the outputs of the last run are still valid; nothing to do.
 * - `cached`: the outputs for exactly these inputs are in the store from an earlier run; nothing runs.
 * - `stale`: must run; `causes` has the reasons.
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
  /** A record exists but cannot be used; `detail` has the reason, such as another version of the framework. */
  | { kind: 'record'; detail: string }
  | { kind: 'forced' }
  /**
   * For `unknown` and `blocked`: dependencies that are pending or broken. `until` names the upstream targets that must run
   * before this one can be decided.
   */
  | { kind: 'upstream'; targets: string[]; until?: string[] }
  | { kind: 'error'; message: string };

/** Earlier record that a target is compared with, and the study (config file and data) it was made for. */
export interface Compared {
  readonly key: ActionKey;
  readonly study: string;
}

/** State of one target, with its causes. */
export interface Decision {
  readonly target: string;
  readonly state: State;
  readonly causes: readonly Cause[];
  /** Record that the causes are relative to; absent for a target that was never made or is up to date. */
  readonly comparedWith?: Compared;
  /**
   * Root cause of this decision: this target, or the upstream target whose own params, code or files changed.
   */
  readonly root?: {
    readonly target: string;
    readonly causes: readonly Cause[];
    readonly comparedWith?: Compared;
  };
}
