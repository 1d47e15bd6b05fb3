/**
 * What a stage is: a pure function from artifacts to artifacts, with the part of the config that it owns.
 * This file is the whole interface between the framework and the stages that run on it.
 */
import type { z } from 'zod';
import type { StageRandom } from './random.ts';

/** Plain data: what may stand in params, in a part, and in a key. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | readonly Plain[]
  | { readonly [key: string]: Plain | undefined };

/**
 * A way to read and write one kind of artifact. The framework hands over files; a stage sees only the
 * handles. `input` and `output` do no I/O: the handle's own methods do.
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

/** A kind, whatever it reads and writes. */
// biome-ignore lint/suspicious/noExplicitAny: a kind of whatever reads and writes
export type AnyKind = Kind<any, any, any>;
type InputOf<K> = K extends Kind<string, infer I, unknown> ? I : never;
type OutputOf<K> = K extends Kind<string, { kind: string }, infer O> ? O : never;

/** A declared output: its kind and, if people are to find it, its name under `latest/`. */
export interface OutputDeclaration<K extends AnyKind = AnyKind> {
  readonly kind: K;
  /** Name under `latest/`, or what gives it for an instance; `[instance]` stands for the instance's name. Absent: none. */
  readonly publish?: string | ((config: never, instance: string) => string | undefined);
  /**
   * Whether the stage may leave it unwritten: always, or as the function says of an instance. No other
   * stage can read an output that may be missing.
   */
  readonly optional?: boolean | ((config: never, instance: string) => boolean);
}

/** Declares an output of a kind. `publish`: its name under `latest/`; without one, other stages can read it, and people do not find it. */
export function output<K extends AnyKind>(
  kind: K,
  options: Omit<OutputDeclaration, 'kind'> = {},
): OutputDeclaration<K> {
  return { kind, ...options };
}

/** An input that another stage writes: `stage.output` or `stage[instance].output`. */
export interface ArtifactRef<I = unknown> {
  readonly from: 'artifact';
  readonly ref: string;
  readonly kinds: readonly AnyKind[];
  /** Type only. */
  readonly input?: I;
}

/** An input that lies outside the store: an atlas, a dictionary. Its content counts, not its name. */
export interface FileRef<I = unknown> {
  readonly from: 'file';
  readonly path: string;
  readonly input?: I;
}

/** A file outside the store, as a stage reads it. */
export interface ExternalFile {
  readonly kind: 'file';
  /** Where the file lies. For opening it and for messages; never to be written into an artifact. */
  readonly path: string;
}

/** A folder outside the store, with all that lies below it. Names and content of its files count, not its own name. */
export interface FolderRef<I = unknown> {
  readonly from: 'folder';
  readonly path: string;
  readonly input?: I;
}

/** A folder outside the store, as a stage reads it. */
export interface ExternalFolder {
  readonly kind: 'folder';
  /** Where the folder lies. For opening it and for messages; never to be written into an artifact. */
  readonly path: string;
}

/** A file or a folder outside the store, whichever is there when the graph is made. */
export interface PathRef<I = unknown> {
  readonly from: 'path';
  readonly path: string;
  /** Rejects unless a folder is of use: called with its absolute path before it is hashed, which may take long. */
  readonly checkFolder?: (path: string) => Promise<void>;
  readonly input?: I;
}

/** The input of one slot: of one artifact, of a file or a folder, of several artifacts, or of nothing. */
export type InputDeclaration<I = unknown> =
  | ArtifactRef<I>
  | FileRef<I>
  | FolderRef<I>
  | PathRef<I>
  | readonly ArtifactRef<I>[]
  | undefined;
/** The inputs of a stage, by slot. */
export type InputDeclarations = Readonly<Record<string, InputDeclaration>>;

/** An input of one kind, or of one of several kinds: the handle's `kind` tells which. */
export function from<const K extends readonly AnyKind[]>(
  ref: string,
  ...kinds: K
): ArtifactRef<InputOf<K[number]>> {
  return { from: 'artifact', ref, kinds };
}

/** A file outside the store. A relative path counts from the folder of the config. */
export function fromFile(path: string): FileRef<ExternalFile> {
  return { from: 'file', path };
}

/** A folder outside the store, with all that lies below it. A relative path counts from the folder of the config. */
export function fromFolder(path: string): FolderRef<ExternalFolder> {
  return { from: 'folder', path };
}

/** A file or a folder outside the store. A relative path counts from the folder of the config. */
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

/** The handles of the inputs of a stage, by slot: of a list of artifacts a list. */
export type Inputs<D> = { [S in keyof D]: InputFor<D[S]> };

/** The handles of the outputs of a stage, by slot. */
export type Outputs<D> = { [S in keyof D]: D[S] extends OutputDeclaration<infer K> ? OutputOf<K> : never };

/** All that the functions of a stage are given, and all that they may use. */
export interface Context<P, I, O> {
  readonly params: P;
  readonly inputs: Inputs<I>;
  readonly outputs: Outputs<O>;
  /** Seeded streams; only for a stage that declares `random`, else asking for one is an error. */
  readonly random: StageRandom;
  /** Tells how far the work is. Cheap: call it as often as you like. */
  progress(done: number, total: number, note?: string): void;
  /**
   * Aborted when the action is to end at once: by the second Ctrl-C, SIGTERM, or its limit of time. Half a second later
   * its thread or process is ended, with all that it started, so this is the time to put things away. Code hears of it
   * when it returns to the event loop; a loop that never does is ended without. The action's result is not kept.
   */
  readonly signal: AbortSignal;
  /**
   * A value that is costly to make and depends on inputs, params, code and seed alone (a matrix in memory), kept by
   * this worker for the next part of the same stage. `name` tells several such values of a stage apart.
   */
  keep<T>(name: string, make: () => Promise<T>): Promise<T>;
  /**
   * As `keep`, but one value for all threads of the run while one of them keeps it: the first that asks makes it. It
   * crosses threads by structured clone, so large data belong in SharedArrayBuffers or in a shared WebAssembly.Memory.
   */
  shared<T>(name: string, make: () => Promise<T>): Promise<T>;
  /**
   * Lets go of the values that this thread has by `keep` and `shared` under this name. For large values that are needed one
   * after the other, so that two are never in memory together.
   */
  forget(name: string): void;
  /**
   * Runs the default export of `module` (a literal `new URL('./x.ts', import.meta.url).href`) on several
   * threads at once, over shared memory: on all of the run's if the stage's `cores` say so, else on one. See
   * workers/parallel.ts. How many there are must not show in the bytes. Its threads serve all calls of the action. `data` may be a
   * promise: threads start while it is being made.
   */
  team(module: string, data: unknown, onMessage?: (message: unknown, index: number) => void): Promise<void>;
  /**
   * The files that the stage's `code` names for this instance, absolute, to be imported: `import(code[0])`. No other
   * computed import can be followed.
   */
  readonly code: readonly string[];
}

/** One portion of a partitioned stage's work, derived from the data alone. */
export interface Part<T = Plain> {
  /** Tells parts apart in progress and records; unique within a round. */
  readonly name: string;
  readonly data: T;
  /** Relative cost, for the scheduler. */
  readonly cost?: number;
  /** The input slots that this part is given; all if absent. Fewer slots mean fewer reruns; asking for another is an error. */
  readonly inputs?: readonly string[];
  /** 'all' for a part with parallel regions (`team`), as the stage's `cores`; else as that says. */
  readonly cores?: 'all';
}

/**
 * A stage that splits its work. `plan` says the parts of a round; each part runs as an action of its own
 * (cached, resumed, scheduled like any other); then the stage's `run` merges them in the order of the plan.
 * A second round may plan from the results of the first (exact selection by radix, for one).
 */
export interface Parts<P, I, D extends Record<string, OutputDeclaration>, T = Plain> {
  readonly rounds?: number;
  /** What the data of a part is: checked when it is planned, and before the part runs. Absent: any plain data. */
  readonly data?: z.ZodType<T>;
  readonly outputs: D;
  plan(
    context: Context<P, I, Record<never, never>> & { round: number; rounds: PartInputs<D>[][] },
  ): Promise<Part<NoInfer<T>>[]>;
  run(context: Context<P, I, D> & { round: number; part: T }): Promise<void>;
}

/** The outputs of one part, as inputs. */
export type PartInputs<D> = { [S in keyof D]: D[S] extends OutputDeclaration<infer K> ? InputOf<K> : never };

/** Facts about an action that are known before it runs. */
export interface ActionFacts<P = unknown, I = unknown, T = Plain> {
  /** `whole` is the one action of a stage without parts, and the merge of one with parts. */
  readonly role: 'plan' | 'part' | 'whole';
  readonly params: P;
  /**
   * Bytes on disk of the inputs that the action reads, by slot: a folder with its files, several inputs of one slot
   * together, 0 for a slot without an input. External files count as artifacts do.
   */
  readonly bytes: Readonly<Record<keyof I & string, number>>;
  /** Kind of the input of each slot, of the first if there are several. */
  readonly kinds: Readonly<Partial<Record<keyof I & string, string>>>;
  /** Bytes on disk that the parts of all rounds so far wrote: for a plan and for the merge. */
  readonly partBytes: number;
  /** The data of a part. */
  readonly part?: T;
  /** Threads of the action's parallel regions. */
  readonly threads: number;
}

/**
 * Memory that an action of the stage needs: resident bytes above those of an idle thread, at the peak. It decides how
 * many actions run side by side, not what they compute; a figure that is too small costs the run its budget, one that is too
 * large its speed. A parallel region has fewer threads where more do not fit.
 */
export interface Needs<P = unknown, I = unknown, T = Plain> {
  /** Bytes of one action alone. */
  memory(facts: ActionFacts<P, I, T>): number;
  /** Bytes of the values that parts of one target `share`, counted once for all that run. Default: 0. */
  shared?(facts: ActionFacts<P, I, T>): number;
}

/** A problem with the config that its schema cannot see, such as a name that points nowhere. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** The names that would have been right; the nearest one is suggested. */
  readonly known?: readonly string[];
}

/** References from the entries of one key of the config to the entries, by name, of other keys that they are made of. */
export interface EntryReferences {
  /** The keys whose entries are named; a name is of the first that has it. */
  readonly keys: readonly string[];
  names(entry: never): readonly string[];
}

/** The declaration of a stage. `C`: the config; `P`: its params; `I`, `O`: its inputs and outputs by slot; `D`: the outputs of its parts; `S`: the schemas of the config keys that it owns. */
export interface StageDefinition<
  C = never,
  P = unknown,
  I extends InputDeclarations = InputDeclarations,
  O extends Record<string, OutputDeclaration> = Record<string, OutputDeclaration>,
  D extends Record<string, OutputDeclaration> = Record<string, OutputDeclaration>,
  S extends z.ZodRawShape = z.ZodRawShape,
  T = Plain,
> {
  /** `import.meta.url` of the stage's file: workers import it, and its bundle is the stage's identity. */
  readonly module: string;
  readonly name: string;
  readonly about: string;
  /** The keys of the config that this stage owns. */
  readonly config?: S;
  /** Problems that need more than one key of the config to see. */
  check?(config: C): ConfigProblem[];
  /**
   * For keys of this stage whose entries are made of other entries of the config (`{ measures: { keys: ['encodings'], names:
   * ({ of }) => [of] } }`): if a config is cut down to some entries, what is made of the others goes too.
   */
  readonly references?: Readonly<Record<string, EntryReferences>>;
  /** Entries that the stage needs even if others are chosen: names by key of the config. */
  requires?(config: C): Readonly<Record<string, readonly string[]>>;
  /** Names of the instances (`encode[rank]`); absent for a stage that has just one. */
  each?(config: C): readonly string[];
  /**
   * What of the config the instance sees: all that can change its bytes, and nothing else. Names of other
   * instances belong in `inputs`, not here: then renaming them reruns nothing.
   */
  params(config: C, instance: string): P;
  inputs(config: C, instance: string): I;
  /**
   * More code that this instance runs: modules of ours by URL, files of the user by path, which counts from the
   * folder of the config. Each is bundled as a stage's file is, and joins the identity of this instance alone. One that
   * is an input too (`fromFile`, for its path) counts by that, and not by its bytes.
   */
  code?(config: C, instance: string): readonly string[];
  /**
   * What names of packages mean in the files that `code` names, if the stage imports them by `importCode`
   * (import-code.ts): name → URL of a module.
   */
  readonly names?: Readonly<Record<string, string>>;
  /**
   * What names of packages mean in the stage's own file, and in what it imports: name → URL of a module. For a host that
   * loads stages of its users' from any folder; see `importStage`.
   */
  readonly imports?: Readonly<Record<string, string>>;
  /**
   * Modules, by URL, that stay out of the identity of stage and instances though their code imports them: for a registry, whose choice
   * shows in `params`, `inputs` and `code`.
   */
  readonly externals?: readonly string[];
  readonly outputs: O;
  /** True if the stage draws random numbers: then the seed is part of its key. */
  random?: boolean | ((config: C, instance: string) => boolean);
  /** The name that the random streams are drawn by; default: `name`. So a stage that is renamed draws the same numbers. */
  readonly streams?: string;
  /** 'all' for an action with parallel regions (`team`): it waits for all cores, and gets as many as `needs` has room for. Default: 'one'. */
  cores?(config: C, instance: string): 'one' | 'all';
  /** What one action needs, for admission under a memory budget. Never part of a key, and no limit. */
  readonly needs?: Needs<P, I, T>;
  /** What else the bytes depend on, for example the version of an external tool. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly parts?: Parts<P, I, D, T>;
  /** Makes the outputs. For a partitioned stage this is the merge, and `rounds[r][i]` are the parts' outputs. */
  run(context: Context<P, I, O> & { rounds: PartInputs<D>[][] }): Promise<void>;
}

/** A stage, whatever it declares. */
// biome-ignore lint/suspicious/noExplicitAny: the framework treats all stages alike
export type Stage = StageDefinition<any, any, any, any, any, z.ZodRawShape, any>;

/** Declares a stage. Does nothing but give the parts of the declaration their types. */
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
