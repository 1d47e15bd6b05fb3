/** Runtime check that a value is a stage, for stages from files that no compiler has checked. */
import type { z } from 'zod';
import type { AnyKind, OutputDeclaration, Stage } from '../stage.ts';

const FUNCTIONS = ['params', 'inputs', 'run'] as const;
const MAYBE_FUNCTIONS = ['each', 'check', 'code', 'cores', 'requires'] as const;

/** Describes why a value is not a stage; undefined if it is one. */
export function stageProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `it is ${value === null ? 'null' : typeof value}`;
  const stage = value as Partial<Stage>;
  if (typeof stage.name !== 'string') return 'it lacks name, a text';
  if (typeof stage.module !== 'string') return 'it lacks module: import.meta.url';
  for (const name of FUNCTIONS) if (typeof stage[name] !== 'function') return `it lacks ${name}, a function`;
  for (const name of MAYBE_FUNCTIONS) {
    if (stage[name] !== undefined && typeof stage[name] !== 'function') return `${name} is no function`;
  }
  if (typeof stage.outputs !== 'object' || stage.outputs === null) return 'it lacks outputs, an object';
  return (
    configProblem(stage.config) ??
    outputsProblem(stage.outputs, 'outputs') ??
    partsProblem(stage.parts as Partial<NonNullable<Stage['parts']>> | undefined)
  );
}

function configProblem(config: unknown): string | undefined {
  if (config === undefined) return undefined;
  if (typeof config !== 'object' || config === null) return 'config is no object of zod schemas';
  for (const [key, schema] of Object.entries(config)) {
    if (typeof (schema as { safeParse?: unknown } | null)?.safeParse !== 'function')
      return `config.${key} is no zod schema`;
  }
  return undefined;
}

function partsProblem(parts: Partial<NonNullable<Stage['parts']>> | undefined): string | undefined {
  if (parts === undefined) return undefined;
  for (const name of ['plan', 'run'] as const) {
    if (typeof parts[name] !== 'function') return `it lacks parts.${name}, a function`;
  }
  if (parts.data !== undefined && typeof (parts.data as Partial<z.ZodType>).safeParse !== 'function')
    return 'parts.data is no zod schema';
  if (typeof parts.outputs !== 'object' || parts.outputs === null) return 'it lacks parts.outputs, an object';
  return outputsProblem(parts.outputs, 'parts.outputs');
}

function outputsProblem(outputs: Readonly<Record<string, unknown>>, where: string): string | undefined {
  for (const [slot, declaration] of Object.entries(outputs)) {
    const kind = (declaration as Partial<OutputDeclaration> | null)?.kind as Partial<AnyKind> | undefined;
    const isKind =
      typeof kind?.name === 'string' && typeof kind.input === 'function' && typeof kind.output === 'function';
    if (!isKind) return `${where}.${slot} is not made with output(kind)`;
  }
  return undefined;
}
