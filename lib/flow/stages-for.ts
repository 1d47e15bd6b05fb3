/** Typed `defineStage` for the config of one pipeline, so that no callback of a stage has to declare the config's type. */
import type { z } from 'zod';
import type { InputDeclarations, OutputDeclaration, Plain, StageDefinition } from './stage.ts';

/** Config that the callbacks of a stage get: keys shared with other stages, and its own keys, typed by their schemas. */
export type ConfigFor<Shared, S extends z.ZodRawShape> = Shared & z.output<z.ZodObject<S>>;

/** Type of `defineStage` for a known config type. */
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
 * Makes the `defineStage` of a pipeline: `const defineStage = stagesFor<{ maps: Record<string, Map> }>()`.
 *
 * The callbacks of its stages (`each`, `params`, `inputs`, `check`) get the keys of `Shared`, which stages read of one
 * another, and the keys that the stage owns, typed by their schemas (`config`).
 */
export function stagesFor<Shared = unknown>(): DefineStage<Shared> {
  return (definition) => definition;
}
