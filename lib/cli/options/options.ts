/** Options of the commands, as commander passes them. */

/** Options of all commands that read a config. */
export interface CommonOptions {
  readonly config?: string;
  readonly set: readonly string[];
  readonly data?: string;
  readonly label?: string;
  readonly batch?: string;
  /** True if the config was found by the name of the data: it is refused if it reads others. */
  readonly fitted?: boolean;
  readonly encodings?: readonly string[];
  readonly store?: string;
  readonly sharedStore?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** Options that the commands that decide or run add. */
export interface RunCommandOptions extends CommonOptions {
  readonly workers?: number;
  readonly memory?: number;
  readonly force: readonly string[];
  readonly dryRun: boolean;
  readonly keepGoing: boolean;
  /** Plan that the run must keep to. */
  readonly plan?: string;
  readonly actionTimeout?: number;
  readonly actionMemory?: number;
  readonly hermetic?: boolean;
  readonly links?: boolean;
}

export interface PlanOptions extends RunCommandOptions {
  /** File to keep the plan in. */
  readonly output?: string;
}

/** Options of commands that answer about one study of a store. */
export interface StudyOptions extends CommonOptions {
  /** Name of the study in the store; default: that of the config. */
  readonly study?: string;
}

export interface RunsExportOptions extends StudyOptions {
  readonly roCrate?: boolean;
}

export interface RunsDiffOptions extends StudyOptions {
  readonly tolerance: number;
  readonly full: boolean;
}

export interface WhyOptions extends RunCommandOptions {
  readonly full: boolean;
}

export interface GraphOptions extends RunCommandOptions {
  readonly format: 'mermaid' | 'dot';
}

export interface ShowOptions extends StudyOptions {
  /** Run whose outputs are meant; default: latest. */
  readonly run?: string;
  readonly rows: number;
}

export interface ExportOptions extends StudyOptions {
  readonly run?: string;
  readonly overwrite: boolean;
}

export interface VerifyOptions extends CommonOptions {
  readonly dryRun: boolean;
  /** Share of the targets to make again; true: all. */
  readonly recompute?: number | true;
  readonly seed?: number;
  readonly workers?: number;
}

export interface GcCommandOptions extends CommonOptions {
  readonly dryRun: boolean;
  readonly keepRuns: number;
  readonly keepDays: number;
  readonly keep: readonly string[];
  /** Age in days. */
  readonly olderThan?: number;
  /** Size in bytes. */
  readonly maxSize?: number;
}

export interface InspectOptions {
  /** Whether to print a config that fits, instead of the content of the file. */
  readonly config: boolean;
  readonly label?: string;
  readonly batch?: string;
  readonly json: boolean;
  readonly debug: boolean;
}

export interface InitOptions {
  readonly from?: string;
  readonly label?: string;
  readonly batch?: string;
  readonly json: boolean;
  readonly debug: boolean;
}
