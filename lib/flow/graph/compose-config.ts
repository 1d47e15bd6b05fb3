/** Config schema of a pipeline, composed of the keys that its stages own. */
import { z } from 'zod';
import type { Stage, StageDefinition } from '../stage.ts';
import { asked, refused } from './asked.ts';
import { placeOf } from './place.ts';

/** Config shapes of all stages combined into one, for the type of a config. */
export type ConfigShape<S extends readonly Stage[]> = UnionToIntersection<ShapeOf<S[number]>>;
// biome-ignore lint/suspicious/noExplicitAny: only the shape matters here
type ShapeOf<T> = T extends StageDefinition<any, any, any, any, any, infer Shape, any> ? Shape : never;
type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (
  value: infer I,
) => void
  ? I
  : never;

/**
 * Composes the config schema of these stages; other keys are rejected. Throws a config error, with both locations, for a
 * key that belongs to two stages, or to a stage and to the host.
 *
 * @param host keys that belong to no stage
 */
export function composeConfig(stages: readonly Stage[], host: z.ZodRawShape = {}): z.ZodObject {
  const shape: Record<string, z.ZodType> = { ...(host as Record<string, z.ZodType>) };
  const owners = new Map<string, Stage>();
  for (const stage of stages) {
    for (const [key, part] of Object.entries(stage.config ?? {})) {
      if (Object.hasOwn(shape, key)) throw twice(key, stage, owners.get(key));
      shape[key] = part as z.ZodType;
      owners.set(key, stage);
    }
  }
  return z.strictObject(shape);
}

/**
 * The config as its schema gives it, or the issues that it has with it. What a schema throws, as a transform or a default may, is
 * told as a mistake of the stage that owns the key.
 */
export function parseConfig(
  stages: readonly Stage[],
  schema: z.ZodObject,
  config: unknown,
): z.ZodSafeParseResult<Record<string, unknown>> {
  try {
    return schema.safeParse(config);
  } catch (error) {
    for (const stage of stages) {
      for (const [key, part] of Object.entries(stage.config ?? {})) {
        const value = (config as Readonly<Record<string, unknown>>)[key];
        ofKey(stage, key, () => (part as z.ZodType).safeParse(value));
      }
    }
    throw error;
  }
}

/** What work on a key of the config gives. What it throws is told as a mistake of the stage that owns the key. */
export function ofKey<T>(stage: Stage, key: string, work: () => T): T {
  return asked({ stage, id: `stage ${stage.name}`, property: `config.${key}` }, work);
}

function twice(key: string, stage: Stage, owner: Stage | undefined) {
  if (owner === undefined)
    return refused(
      stage,
      `stage ${stage.name} owns the config key "${key}", which belongs to no stage`,
      'another key',
      {
        word: key,
      },
    );
  return refused(
    stage,
    `two stages own the config key "${key}": ${owner.name} and ${stage.name}`,
    `another key: ${placeOf(owner, key)} has this one`,
    { word: key },
  );
}
