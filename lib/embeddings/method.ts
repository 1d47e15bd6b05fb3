/**
 * An embedding method: how every sampled cell gets coordinates. Each method stands in a file of its own beside this
 * one, and `methods.ts` lists them.
 */
import { z } from 'zod';
import type { DatasetConfig } from '../cells/dataset.ts';
import type { RandomSource } from '../flow/random.ts';
import type { ActionFacts, Context, InputDeclarations, Plain } from '../flow/stage.ts';
import type { NeighborRequest } from '../neighbors/requests.ts';

/** The config as a method may read it, for its inputs. */
export interface MethodConfig {
  readonly dataset: DatasetConfig;
  readonly encodings: Readonly<Record<string, unknown>>;
  readonly embeddings: Readonly<Record<string, { readonly method: string; readonly of?: string }>>;
}

/** What a method computes. Values are cells × dims, row-major, in the order of the sampled cells. */
export interface Coordinates {
  readonly dims: number;
  readonly values: Float32Array;
  /** A layout of the same cells in two dimensions, cells × 2; only where `hasCompanion` says so. */
  readonly companion?: Float32Array;
  /** Sentences about the result that the user should read. */
  readonly notes?: readonly string[];
}

/** A problem with one option of an embedding that its schema cannot see. */
export interface OptionProblem {
  readonly option: string;
  readonly message: string;
}

/** What `run` of a method is given: as in a stage, with the ids of the sampled cells, in the order of the rows. */
export interface MethodContext<P, I>
  extends Pick<Context<P, I, unknown>, 'params' | 'inputs' | 'progress' | 'signal' | 'team'> {
  readonly cellIds: readonly string[];
  readonly random: RandomSource;
}

type OptionsOf<M extends string, S extends z.core.$ZodLooseShape> = z.output<MethodSchema<M, S>>;

/** The options of a method: its name and its own options. */
type MethodSchema<M extends string, S extends z.core.$ZodLooseShape> = z.ZodObject<
  { method: z.ZodLiteral<M> } & S,
  z.core.$strict
>;

interface Definition<
  M extends string,
  S extends z.core.$ZodLooseShape,
  P extends { readonly [name: string]: Plain | undefined },
  I extends InputDeclarations,
> {
  /** `import.meta.url` of the method's file, whose bundle is its identity. */
  readonly module: string;
  readonly method: M;
  /** One sentence: what the coordinates are. */
  readonly about: string;
  /** Its own options, in the config beside `method`. An option `of` names an encoding or another embedding. */
  readonly options: S;
  /** Problems that need several options, or other keys of the config, to see. */
  check?(options: OptionsOf<M, S>, config: MethodConfig): OptionProblem[];
  /** The options that can change the bytes. Names of spaces and paths of files are the business of `inputs`. */
  params(options: OptionsOf<M, S>, config: MethodConfig): P;
  /** The inputs besides the sampled cells. */
  inputs(options: OptionsOf<M, S>, config: MethodConfig): I;
  /** The neighbours that it starts from; absent for a method that needs none. */
  neighbors?(options: OptionsOf<M, S>): NeighborRequest;
  readonly needs: {
    /** Resident bytes at the peak, as in `needs` of a stage. */
    memory(facts: ActionFacts<P, I & { sample: unknown }>): number;
  };
  /** True if it draws random numbers. */
  readonly random?: boolean;
  /** 'all' for a method that works with a team. Default: 'one'. */
  cores?(options: OptionsOf<M, S>): 'one' | 'all';
  /** True if, with these options, it writes a companion in two dimensions. Default: never. */
  hasCompanion?(options: OptionsOf<M, S>): boolean;
  run(context: MethodContext<P, I>): Promise<Coordinates>;
}

export interface EmbeddingMethod<
  M extends string = string,
  S extends z.core.$ZodLooseShape = z.core.$ZodLooseShape,
  P extends { readonly [name: string]: Plain | undefined } = { readonly [name: string]: Plain | undefined },
  I extends InputDeclarations = InputDeclarations,
> extends Definition<M, S, P, I> {
  readonly schema: MethodSchema<M, S>;
}

// biome-ignore lint/suspicious/noExplicitAny: the registry treats all methods alike
export type AnyEmbeddingMethod = EmbeddingMethod<any, any, any, any>;

/** Declares a method: adds the schema that follows from its name and options. */
export function defineEmbedding<
  const M extends string,
  S extends z.core.$ZodLooseShape,
  const P extends { readonly [name: string]: Plain | undefined },
  const I extends InputDeclarations,
>(definition: Definition<M, S, P, I>): EmbeddingMethod<M, S, P, I> {
  const schema = z.strictObject({ method: z.literal(definition.method), ...definition.options });
  return { ...definition, schema: schema as MethodSchema<M, S> };
}
