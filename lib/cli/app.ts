/** Interface of an app that the command line serves: its stages, and the summary at the end of a run. */
import type { Stage } from '../flow/stage.ts';

export interface App {
  readonly name: string;
  readonly version: string;
  readonly about: string;
  /** Folder of the program: its own revision is read there. */
  readonly root: string;
  /** Path of a commented config that works as it is, for `init`. */
  readonly template?: string;
  /** Former names of config keys, stages and outputs → their names now. */
  readonly renamed?: Readonly<Record<'keys' | 'stages' | 'outputs', Readonly<Record<string, string>>>>;
  /** Imports the stages, only when a command needs them, so that `--help` is quick. */
  stages(): Promise<readonly Stage[]>;
  /** Imports the summary for the end of a run; absent if there is nothing to report. */
  summary?(): Promise<Summarize>;
}

/** Findings of a run, read from its published outputs. */
export interface Summary {
  /** Text for people; ends without a line break. */
  readonly text: string;
  /** Same content for `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Summarises the published outputs. `outputs` are the names under `latest/` that are up to date.
 *
 * @param folder path of `latest/`
 * @param shown text of a path for messages
 * @param width columns of the terminal; absent for a pipe
 */
export type Summarize = (options: {
  folder: string;
  outputs: ReadonlySet<string>;
  shown: (path: string) => string;
  width?: number;
}) => Promise<Summary | undefined>;
