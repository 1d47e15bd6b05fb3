/** What the command line serves: some stages, and what is to be told when they have run. */
import type { Stage } from '../flow/stage.ts';

export interface App {
  readonly name: string;
  readonly version: string;
  readonly about: string;
  /** The folder of the program: its own revision is read there. */
  readonly root: string;
  /** A commented config that works as it is, for `init`. */
  readonly template?: string;
  /** Names that keys of the config, stages and outputs had before → their names now. */
  readonly renamed?: Readonly<Record<'keys' | 'stages' | 'outputs', Readonly<Record<string, string>>>>;
  /** Imported when a command needs them, so that `--help` is quick. */
  stages(): Promise<readonly Stage[]>;
  /** What stands at the end of a run; absent if there is nothing to tell. */
  summary?(): Promise<Summarize>;
}

/** What a run found, read from its published outputs. */
export interface Summary {
  /** For people; ends without a line break. */
  readonly text: string;
  /** The same for `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Says what the published outputs show. `outputs` are the names under `latest/` that are up to date.
 *
 * @param folder `latest/`
 * @param shown how a path is to be shown
 * @param width columns of the terminal; absent for a pipe
 */
export type Summarize = (options: {
  folder: string;
  outputs: ReadonlySet<string>;
  shown: (path: string) => string;
  width?: number;
}) => Promise<Summary | undefined>;
