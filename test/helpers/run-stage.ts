/** Runs one stage in this process, without store or workers: what a test of a stage needs and no more. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { partData } from '../../lib/flow/graph/part-data.ts';
import { randomSource, type StageRandom } from '../../lib/flow/random.ts';
import type {
  AnyKind,
  ArtifactRef,
  InputDeclaration,
  OutputDeclaration,
  PartInputs,
  Stage,
  StageDefinition,
} from '../../lib/flow/stage.ts';
import { runTeam } from '../../lib/flow/workers/parallel.ts';

type Given = string | { kind: string } | readonly (string | { kind: string })[] | undefined;
type OutputDeclarations = Record<string, OutputDeclaration>;

/**
 * Runs `stage` and gives its outputs as handles to read (undefined for an optional output left unwritten).
 * `config` may leave out what has a default. `inputs` gives each declared slot a path or a handle, or a list
 * of them. A partitioned stage runs plan, parts (each with its declared inputs only) and merge in order.
 */
export async function runStage<O extends OutputDeclarations>(
  // biome-ignore lint/suspicious/noExplicitAny: any stage
  stage: StageDefinition<any, any, any, O, any, z.ZodRawShape, any>,
  config: Record<string, unknown> = {},
  instance = '',
  inputs: Record<string, Given> = {},
  options: {
    seed?: number;
    threads?: number;
    signal?: AbortSignal;
    onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<PartInputs<O>> {
  const full = withDefaults(stage, config);
  const declared: Record<string, InputDeclaration> = stage.inputs(full, instance);
  const handles = Object.fromEntries(
    Object.entries(declared).map(([slot, declaration]) => [slot, resolve(slot, declaration, inputs[slot])]),
  );
  const random = typeof stage.random === 'function' ? stage.random(full, instance) : stage.random === true;
  const kept = new Map<string, Promise<unknown>>();
  const context = {
    params: stage.params(full, instance),
    inputs: handles,
    random: random
      ? randomSource(options.seed ?? 0, stage.streams ?? stage.name)
      : undeclaredRandom(stage.name),
    progress: options.onProgress ?? (() => {}),
    signal: options.signal ?? new AbortController().signal,
    keep: <T>(name: string, make: () => Promise<T>) => {
      if (!kept.has(name)) kept.set(name, make());
      return kept.get(name) as Promise<T>;
    },
    shared: <T>(name: string, make: () => Promise<T>): Promise<T> => context.keep(`shared ${name}`, make),
    forget: (name: string) => {
      kept.delete(name);
      kept.delete(`shared ${name}`);
    },
    team: (module: string, data: unknown, onMessage?: (message: unknown, index: number) => void) =>
      runTeam(module, data, options.threads ?? 2, onMessage),
    code: (stage.code?.(full as never, instance) ?? []).map((file) =>
      file.startsWith('file:') ? fileURLToPath(file) : file,
    ),
  };
  const rounds: PartInputs<OutputDeclarations>[][] = [];
  for (let round = 0; stage.parts !== undefined && round < (stage.parts.rounds ?? 1); round++) {
    const made: PartInputs<OutputDeclarations>[] = [];
    const parts = await stage.parts.plan({ ...context, outputs: {}, round, rounds } as never);
    for (const part of parts) {
      const visible = part.inputs ?? Object.keys(handles);
      const target = scratchOutputs(stage.parts.outputs);
      await stage.parts.run({
        ...context,
        inputs: Object.fromEntries(visible.map((slot) => [slot, handles[slot]])),
        outputs: target.outputs,
        round,
        part: partData(
          stage,
          part.data === undefined ? undefined : JSON.parse(JSON.stringify(part.data)),
          part.name,
        ),
      } as never);
      made.push(target.read());
    }
    rounds.push(made);
  }
  const target = scratchOutputs(stage.outputs);
  await stage.run({ ...context, outputs: target.outputs, rounds } as never);
  return target.read() as PartInputs<O>;
}

/** The config with the defaults of the keys that the stage owns. */
export function withDefaults(stage: Stage, config: Record<string, unknown>): Record<string, unknown> {
  const shape: z.ZodRawShape = stage.config ?? {};
  const own = Object.fromEntries(Object.keys(shape).map((key) => [key, config[key]]));
  return { ...config, ...z.object(shape).parse(own) };
}

function resolve(slot: string, declaration: InputDeclaration, given: Given): unknown {
  if (Array.isArray(declaration)) {
    if (!Array.isArray(given) || given.length !== declaration.length) {
      throw new Error(`runStage: input '${slot}' wants a list of ${declaration.length}`);
    }
    return declaration.map((one, i) => resolve(`${slot}[${i}]`, one, given[i]));
  }
  if (declaration === undefined) return undefined;
  if (given === undefined) throw new Error(`runStage: nothing given for input '${slot}'`);
  if (typeof given !== 'string') return given;
  const one = declaration as Exclude<InputDeclaration, readonly ArtifactRef[] | undefined>;
  if (one.from === 'path') return { kind: statSync(given).isDirectory() ? 'folder' : 'file', path: given };
  if (one.from !== 'artifact') return { kind: one.from, path: given };
  if (one.kinds.length !== 1)
    throw new Error(`runStage: input '${slot}' may be of several kinds, give a handle`);
  return one.kinds[0].input(given);
}

function undeclaredRandom(name: string): StageRandom {
  const refuse = (): never => {
    throw new Error(`stage '${name}' draws random numbers without declaring 'random'`);
  };
  return { stream: refuse, of: refuse };
}

/** Fresh files for the outputs; `read` gives those that were written as inputs. */
function scratchOutputs(declarations: OutputDeclarations) {
  const folder = scratchFolder();
  const slots = Object.entries(declarations).map(([slot, declaration]) => {
    const { kind } = declaration;
    // A function says it of an instance, and here there is none.
    const optional = declaration.optional !== undefined && declaration.optional !== false;
    const path = join(folder, slot);
    if (kind.folder === true) mkdirSync(path);
    return { slot, kind: kind as AnyKind, optional, path };
  });
  return {
    outputs: Object.fromEntries(slots.map(({ slot, kind, path }) => [slot, kind.output(path)])),
    read(): PartInputs<OutputDeclarations> {
      const entries = slots.map(({ slot, kind, optional, path }) => {
        const isUnwritten = optional && kind.folder === true && readdirSync(path).length === 0;
        if (existsSync(path) && !isUnwritten) return [slot, kind.input(path)];
        if (optional) return [slot, undefined];
        throw new Error(`output '${slot}' was not written`);
      });
      return Object.fromEntries(entries);
    },
  };
}

let scratchRoot: string | undefined;

/** A folder for scratch files, gone when the process ends. */
export function scratchFolder(): string {
  if (scratchRoot === undefined) {
    const root = mkdtempSync(join(tmpdir(), 'rankloom-test-'));
    process.once('exit', () => rmSync(root, { recursive: true, force: true }));
    scratchRoot = root;
  }
  return mkdtempSync(join(scratchRoot, 'stage-'));
}
