/** `defineStage` for the config of one pipeline, so that no callback of a stage has to name its type. */
import type { z } from 'zod';
import type { InputDeclarations, OutputDeclaration, Plain, StageDefinition } from './stage.ts';

/** The config that the callbacks of a stage are given: the keys that it shares with others, and its own by their schemas. */
export type ConfigFor<Shared, S extends z.ZodRawShape> = Shared & z.output<z.ZodObject<S>>;

/** The type of `defineStage` where the type of the config is known. */
export type DefineStage<Shared> = <
  const P,
  const I extends InputDeclarations,
  const O extends Record<string, OutputDeclaration>,
  const D extends Record<string, OutputDeclaration> = Record<never, never>,
  S extends z.ZodRawShape = Record<never, never>,
  T = Plain,
>(
  definition: StageDefinition<ConfigFor<Shared, S>, P, I, O, D, S, T>,
) => StageDefinition<ConfigFor<Shared, S>, P, I, O, D, S, T>;

/**
 * The `defineStage` of a pipeline: `const defineStage = stagesFor<{ maps: Record<string, Map> }>()`.
 *
 * The callbacks of a stage that it declares (`each`, `params`, `inputs`, `check`) are given `Shared`, the keys that
 * stages read of one another, and the keys that the stage owns, with the types of their schemas (`config`).
 */
export function stagesFor<Shared = unknown>(): DefineStage<Shared> {
  return (definition) => definition;
}
