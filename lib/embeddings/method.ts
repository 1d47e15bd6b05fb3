/**
 * Interface of an embedding method, which gives every sampled cell coordinates. Each method has its own file in this
 * folder, and `methods.ts` lists them.
 */
import { z } from 'zod';
import type { DatasetConfig } from '../cells/dataset.ts';
import type { RandomSource } from '../flow/random.ts';
import type { ActionFacts, Context, InputDeclarations, Plain } from '../flow/stage.ts';
import type { NeighborRequest } from '../neighbors/requests.ts';

/** Part of the config that a method may read, for its inputs. */
export interface MethodConfig {
  readonly dataset: DatasetConfig;
  readonly encodings: Readonly<Record<string, unknown>>;
  readonly embeddings: Readonly<Record<string, { readonly method: string; readonly of?: string }>>;
}

/** Result of a method. Values are cells × dims, row-major, in the order of the sampled cells. */
export interface Coordinates {
  readonly dims: number;
  readonly values: Float32Array;
  /** Layout of the same cells in two dimensions, cells × 2; only if `hasCompanion` returns true. */
  readonly companion?: Float32Array;
  /** Notes for the user about the result. */
  readonly notes?: readonly string[];
}

/** Problem with one option of an embedding that its schema cannot detect. */
export interface OptionProblem {
  readonly option: string;
  readonly message: string;
}

/** Context of `run` of a method: that of a stage, with the ids of the sampled cells, in the order of the rows. */
export interface MethodContext<P, I>
  extends Pick<Context<P, I, unknown>, 'params' | 'inputs' | 'progress' | 'signal' | 'team'> {
  readonly cellIds: readonly string[];
  readonly random: RandomSource;
}

type OptionsOf<M extends string, S extends z.core.$ZodLooseShape> = z.output<MethodSchema<M, S>>;

/** Schema of the options of a method: its name and its own options. */
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
  /** Description of the coordinates, in one sentence. */
  readonly about: string;
  /** Options of the method, in the config beside `method`. An option `of` names an encoding or another embedding. */
  readonly options: S;
  /** Returns problems that involve several options, or other keys of the config. */
  check?(options: OptionsOf<M, S>, config: MethodConfig): OptionProblem[];
  /** Returns the options that can change the result. Names of spaces and paths of files belong to `inputs`. */
  params(options: OptionsOf<M, S>, config: MethodConfig): P;
  /** Returns the inputs besides the sampled cells. */
  inputs(options: OptionsOf<M, S>, config: MethodConfig): I;
  /** Returns the request for the neighbours that the method starts from; absent for a method that needs none. */
  neighbors?(options: OptionsOf<M, S>): NeighborRequest;
  readonly needs: {
    /** Peak resident bytes, as in `needs` of a stage. */
    memory(facts: ActionFacts<P, I & { sample: unknown }>): number;
  };
  /** Whether the method draws random numbers. */
  readonly random?: boolean;
  /** Returns 'all' for a method that runs on a team of threads. Default: 'one'. */
  cores?(options: OptionsOf<M, S>): 'one' | 'all';
  /** Whether the method, with these options, also computes a companion in two dimensions. Default: never. */
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
