/**
 * Stage interface: a stage is a pure function from artifacts to artifacts, with the part of the config that it owns.
 * This file is the whole interface between the framework and the stages that run on it.
 */
import type { z } from 'zod';
import type { StageRandom } from './random.ts';

/** Plain data, as allowed in params, in a part and in a key. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | readonly Plain[]
  | { readonly [key: string]: Plain | undefined };

/**
 * Kind of artifact, with handles to read and write it. The framework provides paths; a stage sees only the handles. `input`
 * and `output` do no I/O: the methods of the handles do.
 */
export interface Kind<
  Name extends string = string,
  Input extends { kind: Name } = { kind: Name },
  Output = unknown,
> {
  readonly name: Name;
  /** True if the artifact is a folder of files; its `path` is then a folder that exists. */
  readonly folder?: boolean;
  input(path: string): Input;
  output(path: string): Output;
}

/** Kind with any types of handles. */
// biome-ignore lint/suspicious/noExplicitAny: a kind of whatever reads and writes
export type AnyKind = Kind<any, any, any>;
type InputOf<K> = K extends Kind<string, infer I, unknown> ? I : never;
type OutputOf<K> = K extends Kind<string, { kind: string }, infer O> ? O : never;

/** Declaration of an output: its kind and, if it is published, its name under `latest/`. */
export interface OutputDeclaration<K extends AnyKind = AnyKind> {
  readonly kind: K;
  /** Name under `latest/`, or a function that returns it; `[instance]` is replaced by the instance. Absent: not published. */
  readonly publish?: string | ((config: never, instance: string) => string | undefined);
  /**
   * Whether the stage may leave the output unwritten: always, or for instances for which the function returns true. No other
   * stage can read an output that may be missing.
   */
  readonly optional?: boolean | ((config: never, instance: string) => boolean);
}

/** Declares an output of a kind. `publish` is its name under `latest/`; without it, only other stages can read the output. */
export function output<K extends AnyKind>(
  kind: K,
  options: Omit<OutputDeclaration, 'kind'> = {},
): OutputDeclaration<K> {
  return { kind, ...options };
}

/** Input written by another stage: `stage.output` or `stage[instance].output`. */
export interface ArtifactRef<I = unknown> {
  readonly from: 'artifact';
  readonly ref: string;
  readonly kinds: readonly AnyKind[];
  /** Carries the type of the handle; never set. */
  readonly input?: I;
}

/** Input file outside the store, such as an atlas or a dictionary. The key includes its content, not its name. */
export interface FileRef<I = unknown> {
  readonly from: 'file';
  readonly path: string;
  readonly input?: I;
}

/** Handle of a file outside the store. */
export interface ExternalFile {
  readonly kind: 'file';
  /** Path of the file, for opening it and for messages. Never write it into an artifact. */
  readonly path: string;
}

/** Input folder outside the store. The key includes names and contents of all files below it, not its own name. */
export interface FolderRef<I = unknown> {
  readonly from: 'folder';
  readonly path: string;
  readonly input?: I;
}

/** Handle of a folder outside the store. */
export interface ExternalFolder {
  readonly kind: 'folder';
  /** Path of the folder, for opening it and for messages. Never write it into an artifact. */
  readonly path: string;
}

/** Input file or folder outside the store, whichever exists when the graph is built. */
export interface PathRef<I = unknown> {
  readonly from: 'path';
  readonly path: string;
  /** Rejects an unusable folder; called with its absolute path before it is hashed, which may take long. */
  readonly checkFolder?: (path: string) => Promise<void>;
  readonly input?: I;
}

/** Input of one slot: one artifact, a file or folder, several artifacts, or nothing. */
export type InputDeclaration<I = unknown> =
  | ArtifactRef<I>
  | FileRef<I>
  | FolderRef<I>
  | PathRef<I>
  | readonly ArtifactRef<I>[]
  | undefined;
/** Inputs of a stage, by slot. */
export type InputDeclarations = Readonly<Record<string, InputDeclaration>>;

/** Declares an input from another stage's output, of one kind or of one of several; the handle's `kind` tells which. */
export function from<const K extends readonly AnyKind[]>(
  ref: string,
  ...kinds: K
): ArtifactRef<InputOf<K[number]>> {
  return { from: 'artifact', ref, kinds };
}

/** Declares an input file outside the store. A relative path is resolved against the folder of the config. */
export function fromFile(path: string): FileRef<ExternalFile> {
  return { from: 'file', path };
}

/** Declares an input folder outside the store. A relative path is resolved against the folder of the config. */
export function fromFolder(path: string): FolderRef<ExternalFolder> {
  return { from: 'folder', path };
}

/** Declares an input file or folder outside the store. A relative path is resolved against the folder of the config. */
export function fromPath(
  path: string,
  options: Pick<PathRef, 'checkFolder'> = {},
): PathRef<ExternalFile | ExternalFolder> {
  return { from: 'path', path, ...options };
}

type InputFor<T> = T extends undefined
  ? undefined
  : T extends readonly ArtifactRef<infer I>[]
    ? I[]
    : T extends ArtifactRef<infer I> | FileRef<infer I> | FolderRef<infer I> | PathRef<infer I>
      ? I
      : never;

/** Handles of the inputs of a stage, by slot; a list for a list of artifacts. */
export type Inputs<D> = { [S in keyof D]: InputFor<D[S]> };

/** Handles of the outputs of a stage, by slot. */
export type Outputs<D> = { [S in keyof D]: D[S] extends OutputDeclaration<infer K> ? OutputOf<K> : never };

/** Argument of a stage's functions, with everything that they may use. */
export interface Context<P, I, O> {
  readonly params: P;
  readonly inputs: Inputs<I>;
  readonly outputs: Outputs<O>;
  /** Seeded random streams. Requesting one throws unless the stage declares `random`. */
  readonly random: StageRandom;
  /** Reports progress. Cheap: may be called at any rate. */
  progress(done: number, total: number, note?: string): void;
  /**
   * Aborted when the action must stop: on the second Ctrl-C, SIGTERM, or its time limit. Half a second later its thread or
   * process is terminated, with everything it started, so code can clean up until then. Code is notified when it returns to
   * the event loop; a loop that never does is terminated without notice. The action's result is discarded.
   */
  readonly signal: AbortSignal;
  /**
   * Returns a cached value, made on first use and kept by this worker for the next part of the same stage. For values that
   * are expensive to make and depend only on inputs, params, code and seed (a matrix in memory). `name` distinguishes
   * several such values of a stage.
   */
  keep<T>(name: string, make: () => Promise<T>): Promise<T>;
  /**
   * Returns a cached value like `keep`, but shared by all threads of the run as long as one of them keeps it; the first
   * thread that asks makes it. The value is passed by structured clone, so large data belong in SharedArrayBuffers or in a
   * shared WebAssembly.Memory.
   */
  shared<T>(name: string, make: () => Promise<T>): Promise<T>;
  /**
   * Drops this thread's `keep` and `shared` values of this name. For large values that are needed one after the other, so
   * that two are never in memory together.
   */
  forget(name: string): void;
  /**
   * Runs the default export of `module` (a literal `new URL('./x.ts', import.meta.url).href`) on several threads at once,
   * over shared memory: on all threads of the run if the stage's `cores` say so, else on one. See workers/parallel.ts. The
   * output bytes must not depend on the number of threads. The same threads serve all calls of the action. `data` may be a
   * promise: threads start while it is pending.
   */
  team(module: string, data: unknown, onMessage?: (message: unknown, index: number) => void): Promise<void>;
  /**
   * Absolute paths of the files that the stage's `code` names for this instance, for importing them: `import(code[0])`. No
   * other computed import can be followed.
   */
  readonly code: readonly string[];
}

/** Part of a partitioned stage's work, derived from the data alone. */
export interface Part<T = Plain> {
  /** Name of the part in progress reports and records; unique within a round. */
  readonly name: string;
  readonly data: T;
  /** Relative cost, for the scheduler. */
  readonly cost?: number;
  /** Input slots of this part; all if absent. Fewer slots mean fewer reruns; access to any other slot throws. */
  readonly inputs?: readonly string[];
  /** 'all' for a part with parallel regions (`team`). Default: the stage's `cores`. */
  readonly cores?: 'all';
}

/**
 * Partitioned work of a stage. `plan` returns the parts of a round; each part runs as a separate action (cached, resumed,
 * scheduled like any other); then the stage's `run` merges them in the order of the plan. A second round may be planned from
 * the results of the first (exact selection by radix, for example).
 */
export interface Parts<P, I, D extends Record<string, OutputDeclaration>, T = Plain> {
  readonly rounds?: number;
  /** Schema of a part's data, checked when the part is planned and before it runs. Absent: any plain data. */
  readonly data?: z.ZodType<T>;
  readonly outputs: D;
  plan(
    context: Context<P, I, Record<never, never>> & { round: number; rounds: PartInputs<D>[][] },
  ): Promise<Part<NoInfer<T>>[]>;
  run(context: Context<P, I, D> & { round: number; part: T }): Promise<void>;
}

/** Outputs of one part, as inputs. */
export type PartInputs<D> = { [S in keyof D]: D[S] extends OutputDeclaration<infer K> ? InputOf<K> : never };

/** Facts about an action that are known before it runs. */
export interface ActionFacts<P = unknown, I = unknown, T = Plain> {
  /** Role of the action. `whole` is the only action of a stage without parts, and the merge of a stage with parts. */
  readonly role: 'plan' | 'part' | 'whole';
  readonly params: P;
  /**
   * Bytes on disk of the inputs that the action reads, by slot: a folder includes its files, several inputs of one slot are
   * added up, and a slot without an input has 0. External files count like artifacts.
   */
  readonly bytes: Readonly<Record<keyof I & string, number>>;
  /** Kind of the input of each slot; of the first one if there are several. */
  readonly kinds: Readonly<Partial<Record<keyof I & string, string>>>;
  /** Bytes on disk written by the parts of all rounds so far, for a plan or the merge. */
  readonly partBytes: number;
  /** Data of the part. */
  readonly part?: T;
  /** Number of threads of the action's parallel regions. */
  readonly threads: number;
}

/**
 * Memory that an action of the stage needs: peak resident bytes above those of an idle thread. It determines how many
 * actions run concurrently, not what they compute: with too small a figure the run exceeds its budget, with too large a
 * figure it is slower than necessary. A parallel region gets fewer threads if more do not fit.
 */
export interface Needs<P = unknown, I = unknown, T = Plain> {
  /** Bytes of one action alone. */
  memory(facts: ActionFacts<P, I, T>): number;
  /** Bytes of the `shared` values of one target's parts, counted once for all running parts. Default: 0. */
  shared?(facts: ActionFacts<P, I, T>): number;
}

/** Config problem that the schema cannot detect, such as a name that refers to nothing. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Valid names; the nearest one is suggested. */
  readonly known?: readonly string[];
}

/** References, by name, from the entries of one config key to the entries of other keys that they are made from. */
export interface EntryReferences {
  /** Keys whose entries are referenced; a name refers to the first key that has it. */
  readonly keys: readonly string[];
  names(entry: never): readonly string[];
}

/**
 * Declaration of a stage. `C`: config; `P`: params; `I`, `O`: inputs and outputs by slot; `D`: outputs of its parts; `S`:
 * schemas of the config keys that it owns; `T`: data of a part.
 */
export interface StageDefinition<
  C = never,
  P = unknown,
  I extends InputDeclarations = InputDeclarations,
  O extends Record<string, OutputDeclaration> = Record<string, OutputDeclaration>,
  D extends Record<string, OutputDeclaration> = Record<string, OutputDeclaration>,
  S extends z.ZodRawShape = z.ZodRawShape,
  T = Plain,
> {
  /** URL of the stage's file (`import.meta.url`): workers import it, and its bundle determines the stage's code identity. */
  readonly module: string;
  readonly name: string;
  readonly about: string;
  /** Schemas of the config keys that this stage owns. */
  readonly config?: S;
  /** Checks that involve more than one config key. */
  check?(config: C): ConfigProblem[];
  /**
   * References from entries of this stage's config keys to other config entries (`{ measures: { keys: ['encodings'], names:
   * ({ of }) => [of] } }`): if a config is reduced to some entries, entries made from removed ones are removed too.
   */
  readonly references?: Readonly<Record<string, EntryReferences>>;
  /** Config entries that the stage needs even if others are selected: names by config key. */
  requires?(config: C): Readonly<Record<string, readonly string[]>>;
  /** Names of the instances (`encode[rank]`); absent for a stage that has just one. */
  each?(config: C): readonly string[];
  /**
   * Config values that the instance sees: everything that can change its output bytes, and nothing else. Names of other
   * instances belong in `inputs`, not here, so that renaming them reruns nothing.
   */
  params(config: C, instance: string): P;
  inputs(config: C, instance: string): I;
  /**
   * Additional code of this instance: framework modules by URL, user files by path, relative to the folder of the config.
   * Each is bundled like a stage's file and joins the identity of this instance alone. A file that is also an input
   * (`fromFile`, for its path) counts by its code identity, not by its bytes.
   */
  code?(config: C, instance: string): readonly string[];
  /**
   * Package names with overridden resolution in the files of `code`, if the stage imports them with `importCode`
   * (import-code.ts): name → URL of a module.
   */
  readonly names?: Readonly<Record<string, string>>;
  /**
   * Package names with overridden resolution in the stage's own file and its imports: name → URL of a module. For a host
   * that loads users' stages from any folder; see `importStage`.
   */
  readonly imports?: Readonly<Record<string, string>>;
  /**
   * URLs of modules that are excluded from the code identity of stage and instances although their code imports them. For a
   * registry, whose selected entry is covered by `params`, `inputs` and `code`.
   */
  readonly externals?: readonly string[];
  readonly outputs: O;
  /** Whether the stage draws random numbers; the seed is then part of its key. */
  random?: boolean | ((config: C, instance: string) => boolean);
  /** Owner name of the random streams, so that a renamed stage draws the same numbers. Default: `name`. */
  readonly streams?: string;
  /**
   * 'all' for actions with parallel regions (`team`): each waits for all cores, and gets as many threads as fit in memory by
   * `needs`. Default: 'one'.
   */
  cores?(config: C, instance: string): 'one' | 'all';
  /** Memory of one action, for admission under a memory budget. Never part of a key, and not a limit. */
  readonly needs?: Needs<P, I, T>;
  /** Other facts that the output bytes depend on, such as the version of an external tool. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly parts?: Parts<P, I, D, T>;
  /** Makes the outputs. For a partitioned stage, merges the parts: `rounds[r][i]` are the outputs of part `i` of round `r`. */
  run(context: Context<P, I, O> & { rounds: PartInputs<D>[][] }): Promise<void>;
}

/** Stage with any types of config, params, inputs and outputs. */
// biome-ignore lint/suspicious/noExplicitAny: the framework treats all stages alike
export type Stage = StageDefinition<any, any, any, any, any, z.ZodRawShape, any>;

/** Declares a stage. Returns the definition unchanged; only infers its types. */
export function defineStage<
  C,
  const P,
  const I extends InputDeclarations,
  const O extends Record<string, OutputDeclaration>,
  const D extends Record<string, OutputDeclaration> = Record<never, never>,
  S extends z.ZodRawShape = Record<never, never>,
  T = Plain,
>(definition: StageDefinition<C, P, I, O, D, S, T>): StageDefinition<C, P, I, O, D, S, T> {
  return definition;
}
