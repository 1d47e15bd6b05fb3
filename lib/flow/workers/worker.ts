/**
 * The worker's side: imports the stage, opens its inputs, runs one share of its work, and hashes what was written
 * (to make it durable is the commit's part: group-commit.ts). The main thread only ever sees names and hashes.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { RankloomError } from '../../errors.ts';
import { collectIfGrown } from '../../shared-memory.ts';
import { declareCode } from '../code/import-code.ts';
import { checkParts } from '../graph/declarations.ts';
import { partData } from '../graph/part-data.ts';
import { ACTION_VARIABLE, systemThread } from '../processes/child-processes.ts';
import { randomSource } from '../random.ts';
import type { AnyKind, ArtifactRef, InputDeclaration, OutputDeclaration, Part, Stage } from '../stage.ts';
import { blame, ownCode } from './blame.ts';
import { guardProcess } from './guards.ts';
import { CrewThreads } from './parallel.ts';
import { capturePrints, flushPrints } from './printed.ts';
import { seal, sealAll } from './seal.ts';
import { Stray, withStrays } from './strays.ts';
import type { AbortRequest, PortTask, Task, TaskInput, TaskMessage, TaskResult } from './task.ts';
import { type Keeper, threadKeeper } from './worker-cache.ts';

const PROGRESS_INTERVAL_MS = 100;

/** How a worker speaks to the main thread. */
export interface Line {
  say(message: TaskMessage): void;
  readonly keeper: Keeper;
  /** Aborted when the action is to end. */
  readonly signal: AbortSignal;
}

/** What a thread of the pool runs. */
export default async function runTask(task: PortTask): Promise<TaskResult> {
  const say = (message: TaskMessage) => task.port.postMessage(message);
  say({ type: 'thread', id: threadId, system: systemThread() });
  process.env[ACTION_VARIABLE] = task.mark;
  const abort = new AbortController();
  task.port.on('message', ({ type }: Partial<AbortRequest>) => type === 'abort' && abort.abort());
  guardProcess((error) => say({ type: 'over', error: blame(error, ownCode(task)) }));
  try {
    const result = await perform(task, { say, keeper: threadKeeper(task), signal: abort.signal });
    if (!abort.signal.aborted && (result.ok || result.isStray !== true))
      return { ...result, heldBytes: collectIfGrown() };
    // Code of this action may still be at work: the pool ends the thread, and no other action is to run in it.
    say({ type: 'over', error: result.ok ? undefined : result.error });
    return await new Promise<never>(() => {});
  } finally {
    task.port.close();
  }
}

/** Runs one task. Never rejects: what goes wrong is its result. */
export async function perform(task: Task, line: Line): Promise<TaskResult> {
  const own = ownCode(task);
  capturePrints((text) => line.say({ type: 'output', text }));
  try {
    return await withStrays(
      () => work(task, line),
      { target: task.target, own },
      (error, { target, own }) => line.say({ type: 'late-error', target, error: blame(error, own) }),
    );
  } catch (error) {
    if (error instanceof Stray) return { ok: false, error: blame(error.error, own), isStray: true };
    return { ok: false, error: blame(error, own) };
  } finally {
    flushPrints();
  }
}

async function work(task: Task, line: Line): Promise<TaskResult> {
  const crew = new CrewThreads(task.threads, (system) => line.say({ type: 'crew-thread', system }));
  // An action that may have several will call them: they start while it reads its inputs.
  if (task.share.role !== 'plan') crew.start();
  try {
    declareCode(task.code);
    const stage = (await import(task.module)).default as Stage;
    const inputs = openInputs(stage, task);
    const declared: Record<string, OutputDeclaration> =
      task.share.role === 'whole' ? stage.outputs : task.share.role === 'part' ? stage.parts!.outputs : {};
    const outputs: Record<string, unknown> = {};
    for (const [slot, { kind }] of Object.entries(declared)) {
      const path = join(task.scratch, slot);
      if (kind.folder) await mkdir(path);
      outputs[slot] = kind.output(path);
    }
    const context = {
      params: task.params,
      inputs,
      outputs,
      random: randomOf(stage, task.seed),
      progress: reporter(line),
      signal: line.signal,
      ...line.keeper,
      crew: crew.run,
      code: task.code,
    };
    const rounds = task.rounds.map((parts) => parts.map((part) => openPart(stage, part)));
    if (task.share.role === 'plan') {
      const parts: Part[] = await stage.parts!.plan({ ...context, round: task.share.round, rounds });
      checkParts(parts, stage, Object.keys(stage.inputs(task.config as never, task.instance)));
      const path = join(task.scratch, 'plan');
      await writeFile(path, JSON.stringify(parts));
      return { ok: true, parts, written: { plan: await seal(path, 'plan') } };
    }
    if (task.share.role === 'part') {
      const part = partData(stage, task.share.part);
      await stage.parts!.run({ ...context, round: task.share.round, part });
    } else {
      await stage.run({ ...context, rounds });
    }
    const optional = task.share.role === 'whole' ? task.optional : optionalParts(declared);
    return { ok: true, written: await sealAll(declared, optional, task.scratch, stage.name) };
  } finally {
    await crew.close();
  }
}

function openInputs(stage: Stage, task: Task): Record<string, unknown> {
  const declared = stage.inputs(task.config, task.instance) as Record<string, InputDeclaration>;
  const handles: Record<string, unknown> = {};
  for (const [slot, input] of Object.entries(task.inputs)) {
    const kinds = [declared[slot] as ArtifactRef | ArtifactRef[]].flat().flatMap((d) => d.kinds ?? []);
    handles[slot] = Array.isArray(input)
      ? input.map((i) => openInput(i, kinds))
      : openInput(input as TaskInput, kinds);
  }
  return task.share.role === 'part' ? refusing(handles, declared, stage.name) : handles;
}

/**
 * Inputs of a part that does not name all of its stage's: to ask for another one is an error, for its content is no part
 * of the key. Those that are given are listed as ever.
 */
function refusing(
  handles: Record<string, unknown>,
  declared: Readonly<Record<string, InputDeclaration>>,
  stage: string,
): Record<string, unknown> {
  const check = (slot: string | symbol) => {
    if (typeof slot === 'symbol' || slot in handles || declared[slot] === undefined) return;
    throw new RankloomError(
      'impure',
      `a part of ${stage} reads its input ${slot}, which it does not declare`,
      {
        expected: `one of ${Object.keys(handles).join(', ') || 'none'}`,
        hint: 'name it in `inputs` of the part (in `plan` of the stage), so that it is part of the key',
      },
    );
  };
  return new Proxy(handles, {
    get(own, slot) {
      check(slot);
      return Reflect.get(own, slot);
    },
    has(own, slot) {
      check(slot);
      return Reflect.has(own, slot);
    },
    getOwnPropertyDescriptor(own, slot) {
      check(slot);
      return Reflect.getOwnPropertyDescriptor(own, slot);
    },
  });
}

function openInput({ kind, path }: TaskInput, kinds: readonly AnyKind[]): unknown {
  if (kind === 'file') return { kind, path };
  const found = kinds.find((k) => k.name === kind);
  if (found === undefined) throw new TypeError(`no kind ${kind} among those that the stage reads`);
  return found.input(path);
}

function openPart(stage: Stage, part: Readonly<Record<string, TaskInput>>): Record<string, unknown> {
  const declared = stage.parts!.outputs as Record<string, OutputDeclaration>;
  return Object.fromEntries(
    Object.entries(part).map(([slot, { path }]) => [slot, declared[slot].kind.input(path)]),
  );
}

function randomOf(stage: Stage, seed: number | null) {
  if (seed !== null) return randomSource(seed, stage.name);
  return {
    stream(): never {
      throw new TypeError(`stage ${stage.name} draws random numbers but does not declare \`random\``);
    },
  };
}

function reporter({ say }: Line): (done: number, total: number, note?: string) => void {
  let last = 0;
  return (done, total, note) => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL_MS && done < total) return;
    last = now;
    say({ type: 'progress', done, total, note });
  };
}

/** Of a part's outputs, those that it may leave unwritten. */
function optionalParts(declared: Readonly<Record<string, OutputDeclaration>>): string[] {
  return Object.keys(declared).filter((slot) => declared[slot].optional === true);
}
