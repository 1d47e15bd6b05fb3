/** Runtime check that a value is a stage, for stages from files that no compiler has checked. */
import type { z } from 'zod';
import type { AnyKind, Stage } from '../stage.ts';

const FUNCTIONS = ['params', 'inputs', 'run'] as const;
const MAYBE_FUNCTIONS = ['each', 'check', 'code', 'cores', 'requires'] as const;

/** Describes why a value is not a stage; undefined if it is one. */
export function stageProblem(value: unknown): string | undefined {
  if (!isObject(value)) return `it is ${value === null ? 'null' : typeof value}`;
  const stage = value as Partial<Record<keyof Stage, unknown>>;
  if (typeof stage.name !== 'string') return 'it lacks name, a text';
  if (typeof stage.module !== 'string') return 'it lacks module: import.meta.url';
  for (const name of FUNCTIONS) if (typeof stage[name] !== 'function') return `it lacks ${name}, a function`;
  for (const name of MAYBE_FUNCTIONS) {
    if (stage[name] !== undefined && typeof stage[name] !== 'function') return `${name} is no function`;
  }
  if (!isObject(stage.outputs)) return 'it lacks outputs, an object';
  return (
    simpleProblem(stage) ??
    configProblem(stage.config) ??
    outputsProblem(stage.outputs, 'outputs') ??
    needsProblem(stage.needs) ??
    referencesProblem(stage.references) ??
    partsProblem(stage.parts)
  );
}

function simpleProblem(stage: Partial<Record<keyof Stage, unknown>>): string | undefined {
  const { random, streams, externals } = stage;
  if (random !== undefined && typeof random !== 'boolean' && typeof random !== 'function')
    return 'random is neither true nor false nor a function';
  if (streams !== undefined && typeof streams !== 'string') return 'streams is no text';
  if (externals !== undefined && !isTexts(externals)) return 'externals is no list of texts';
  for (const property of ['names', 'imports'] as const) {
    const names = stage[property];
    if (names !== undefined && !(isObject(names) && isTexts(Object.values(names))))
      return `${property} is no object of texts`;
  }
  return undefined;
}

function configProblem(config: unknown): string | undefined {
  if (config === undefined) return undefined;
  if (!isObject(config)) return 'config is no object of zod schemas';
  for (const [key, schema] of Object.entries(config)) {
    if (!isSchema(schema)) return `config.${key} is no zod schema`;
  }
  return undefined;
}

function needsProblem(needs: unknown): string | undefined {
  if (needs === undefined) return undefined;
  if (!isObject(needs)) return 'needs is no object: { memory: (facts) => bytes }';
  if (typeof needs.memory !== 'function') return 'it lacks needs.memory, a function';
  return needs.shared === undefined || typeof needs.shared === 'function'
    ? undefined
    : 'needs.shared is no function';
}

function referencesProblem(references: unknown): string | undefined {
  if (references === undefined) return undefined;
  if (!isObject(references)) return 'references is no object';
  for (const [key, value] of Object.entries(references)) {
    const { keys, names } = Object(value) as { keys?: unknown; names?: unknown };
    if (!isTexts(keys)) return `it lacks references.${key}.keys, a list of texts`;
    if (typeof names !== 'function') return `it lacks references.${key}.names, a function`;
  }
  return undefined;
}

function partsProblem(parts: unknown): string | undefined {
  if (parts === undefined) return undefined;
  if (!isObject(parts)) return 'parts is no object';
  for (const name of ['plan', 'run'] as const) {
    if (typeof parts[name] !== 'function') return `it lacks parts.${name}, a function`;
  }
  const { rounds, data, outputs } = parts;
  if (rounds !== undefined && !(Number.isInteger(rounds) && (rounds as number) >= 0))
    return 'parts.rounds is no whole number';
  if (data !== undefined && !isSchema(data)) return 'parts.data is no zod schema';
  if (!isObject(outputs)) return 'it lacks parts.outputs, an object';
  return outputsProblem(outputs, 'parts.outputs');
}

function outputsProblem(outputs: Readonly<Record<string, unknown>>, where: string): string | undefined {
  for (const [slot, declaration] of Object.entries(outputs)) {
    const { kind } = Object(declaration) as { kind?: unknown };
    if (!isKind(kind)) return `${where}.${slot} is not made with output(kind)`;
  }
  return undefined;
}

/** Whether a value is a kind of artifact. */
export function isKind(value: unknown): value is AnyKind {
  const { name, input, output } = Object(value) as Partial<AnyKind>;
  return (
    typeof name === 'string' &&
    name.isWellFormed() &&
    typeof input === 'function' &&
    typeof output === 'function'
  );
}

/** A schema of another version of zod cannot be put together with ours. */
function isSchema(value: unknown): boolean {
  const { safeParse, _zod } = Object(value) as Partial<z.ZodType>;
  return typeof safeParse === 'function' && isObject(_zod);
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((text) => typeof text === 'string');

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
