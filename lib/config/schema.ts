/** Schema of the whole config, composed of the stages' own parts. */
import { z } from 'zod';
import { composeConfig, type ConfigShape as ShapeOfStages } from '../flow/graph/compose-config.ts';
import { isStudyName, STUDY_NAME, STUDY_NAME_RULE } from '../flow/runs/studies.ts';
import type { Stage } from '../flow/stage.ts';
import { type Path, valueAt } from './path.ts';

/** Input of `defineConfig`, for the given stages. */
export type ConfigInput<S extends readonly Stage[]> = z.input<z.ZodObject<ConfigShape<S>>>;

/** Config that the stages receive: every default filled in. */
export type ConfigOutput<S extends readonly Stage[]> = z.output<z.ZodObject<ConfigShape<S>>>;

type ConfigShape<S extends readonly Stage[]> = typeof OWN & ShapeOfStages<S>;

/** Keys that belong to no stage. */
const OWN = {
  /** Name of the study: the folder of its outputs. Default: the name of the config file. */
  name: z
    .string()
    .regex(STUDY_NAME, `expected ${STUDY_NAME_RULE}`)
    .refine(isStudyName, `name: expected ${STUDY_NAME_RULE}`)
    .optional(),
  seed: z.int().min(0).max(0xffffffff).default(0),
  /** Folder of the artifacts; a relative path counts from the folder of the config. */
  store: z.string().min(1).optional(),
  /** Read-only store: artifacts found there are not made again. */
  sharedStore: z.string().min(1).optional(),
  /** Files with stages of the user's own; relative paths count from the folder of the config. */
  stages: z.array(z.string().min(1)).optional(),
};

/** Schema of a config for these stages. Throws a config error, with both places, for a key that two of them own. */
export function composeSchema(stages: readonly Stage[]): z.ZodObject {
  return composeConfig(stages, OWN);
}

/** Part of zod's internals that is read here: `def` of each kind of schema. */
interface Def {
  type: string;
  innerType?: Schema;
  in?: Schema;
  getter?: () => Schema;
  shape?: Record<string, Schema>;
  valueType?: Schema;
  element?: Schema;
  items?: Schema[];
  options?: Schema[];
  left?: Schema;
  entries?: Record<string, string | number>;
  values?: unknown[];
  format?: string;
}
type Schema = { _zod: { def: Def } };

/** Schemas that may stand at a path; several where a union leaves it open for this value. */
function schemasAt(schema: Schema, path: Path, value: unknown): Schema[] {
  const def = schema._zod.def;
  const inner = wrapped(def);
  if (inner !== undefined) {
    // Wrappers such as nullable say something about the place itself, so the place keeps them.
    return path.length === 0 ? [schema] : schemasAt(inner, path, value);
  }
  if (def.options !== undefined) {
    return path.length === 0
      ? [schema]
      : likelyOptions(def.options, value).flatMap((option) => schemasAt(option, path, value));
  }
  if (path.length === 0) return [schema];
  const [key, ...rest] = path;
  const next =
    (def.shape !== undefined && Object.hasOwn(def.shape, key) ? def.shape[key] : undefined) ??
    def.valueType ??
    def.element ??
    (typeof key === 'number' ? def.items?.[key] : undefined) ??
    undefined;
  return next === undefined ? [] : schemasAt(next, rest, valueAt(value, [key]));
}

function wrapped(def: Def): Schema | undefined {
  return def.innerType ?? def.in ?? def.getter?.();
}

/**
 * Fit of a value to the literal keys (`kind: 'rank'`) of a union's option: the number of keys that are met, or −1 if one
 * is not.
 */
function literalFit(option: Schema, value: unknown): number {
  let fit = 0;
  for (const [key, part] of Object.entries(bare(option)._zod.def.shape ?? {})) {
    const literals = bare(part)._zod.def;
    if (literals.type !== 'literal') continue;
    if (!(literals.values ?? []).includes(valueAt(value, [key]))) return -1;
    fit++;
  }
  return fit;
}

/** Options of a union that a value is meant for, as far as its literal keys tell; all if none fits. */
function likelyOptions(options: Schema[], value: unknown): Schema[] {
  const fits = options.map((option) => literalFit(option, value));
  const best = Math.max(...fits);
  return best < 0 ? options : options.filter((_, i) => fits[i] === best);
}

/** Fit of the value to the literal keys of each option, for the union at a path. */
export function optionFits(schema: z.ZodType, path: Path, root: unknown): number[] {
  const value = valueAt(root, path);
  const unions = schemasAt(schema as unknown as Schema, path, root).flatMap(
    (found) => bare(found)._zod.def.options ?? [],
  );
  return unions.map((option) => literalFit(option, value));
}

function bare(schema: Schema): Schema {
  const inner = wrapped(schema._zod.def);
  return inner === undefined ? schema : bare(inner);
}

/** Keys that an object at this path may have. */
export function knownKeys(schema: z.ZodType, path: Path, value: unknown): string[] {
  const keys = schemasAt(schema as unknown as Schema, path, value).flatMap((found) => {
    const { shape, options } = bare(found)._zod.def;
    const parts = options === undefined ? [shape] : likelyOptions(options, valueAt(value, path)).map(shapeOf);
    return parts.flatMap((part) => Object.keys(part ?? {}));
  });
  return [...new Set(keys)];
}

const shapeOf = (schema: Schema) => bare(schema)._zod.def.shape;

/** Description in words of the values that may stand at a path: `a whole number or null`. Undefined if nothing is known. */
export function expectation(schema: z.ZodType, path: Path, value: unknown): string | undefined {
  const found = schemasAt(schema as unknown as Schema, path, value);
  const words = [...new Set(found.flatMap(alternatives))];
  return words.length === 0 ? undefined : words.join(' or ');
}

function alternatives(schema: Schema): string[] {
  const def = schema._zod.def;
  switch (def.type) {
    case 'nullable':
      return [...new Set([...alternatives(def.innerType!), 'null'])];
    case 'union':
      return [...new Set(def.options!.flatMap(alternatives))];
    case 'string':
      return ['a string'];
    case 'number':
      return [def.format === undefined ? 'a number' : 'a whole number'];
    case 'boolean':
      return ['true or false'];
    case 'literal':
      return (def.values ?? []).map((v) => JSON.stringify(v));
    case 'enum':
      return Object.values(def.entries ?? {}).map((v) => JSON.stringify(v));
    case 'array':
      return ['a list'];
    case 'tuple':
      return [`a list of ${def.items?.length}`];
    case 'object':
    case 'record':
      return ['an object'];
    case 'null':
      return ['null'];
    default: {
      const inner = wrapped(def);
      return inner === undefined ? ['a value'] : alternatives(inner);
    }
  }
}
