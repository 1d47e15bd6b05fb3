/**
 * Worker side of a task: imports the stage, opens its inputs, runs one portion of its work, and hashes the outputs (the
 * commit makes them durable: group-commit.ts). The main thread only sees names and hashes.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toErrorInfo } from '../../errors.ts';
import { declareCode } from '../code/import-code.ts';
import { importStage } from '../code/import-stage.ts';
import { checkParts } from '../graph/declarations.ts';
import { partData } from '../graph/part-data.ts';
import { provideHints } from '../hints.ts';
import { randomSource } from '../random.ts';
import type { OutputDeclaration, Part, Stage } from '../stage.ts';
import { blame, ownCode } from './blame.ts';
import { openInputs, openPart } from './open-inputs.ts';
import { ParallelThreads } from './parallel.ts';
import { capturePrints, flushPrints } from './printed.ts';
import { seal, sealAll } from './seal.ts';
import { Stray, withStrays } from './strays.ts';
import type { Task, TaskEvent, TaskPortion, TaskResult } from './task.ts';
import { endWatch, undeclaredRead, watchReads } from './watched-reads.ts';
import type { WorkerCache } from './worker-cache.ts';

const PROGRESS_INTERVAL_MS = 100;

/** Environment of a task in its worker, independent of the kind of worker. */
export interface Surroundings {
  onEvent(event: TaskEvent): void;
  /** Called with the system id of each thread of a parallel region, if known. */
  onThread?(system: number): void;
  readonly cache: WorkerCache;
  /** Aborted when the action must stop. */
  readonly signal: AbortSignal;
}

/** Runs one task in this thread; call it for one task at a time. Never rejects: an error is part of the result. */
export async function perform(task: Task, around: Surroundings): Promise<TaskResult> {
  const own = ownCode(task);
  if (task.hints !== undefined) provideHints(task.hints);
  capturePrints((text) => around.onEvent({ type: 'output', text }));
  if (task.readable !== undefined) watchReads(task.readable);
  try {
    const result = await withStrays(
      () => work(task, around),
      { target: task.target, own },
      (error, { target, own }) => around.onEvent({ type: 'late-error', target, error: blame(error, own) }),
    );
    const unknown = endWatch();
    return unknown.length === 0
      ? result
      : { ok: false, error: toErrorInfo(undeclaredRead(unknown, task.stage)) };
  } catch (error) {
    if (error instanceof Stray) return { ok: false, error: blame(error.error, own), isStray: true };
    return { ok: false, error: blame(error, own) };
  } finally {
    endWatch();
    flushPrints();
  }
}

async function work(task: Task, around: Surroundings): Promise<TaskResult> {
  const { portion } = task;
  const threads = new ParallelThreads(task.threads, around.onThread);
  // An action with several threads will use them, so start them while it reads its inputs.
  if (portion.role !== 'plan') threads.start();
  try {
    declareCode(task.code);
    const stage = (await importStage(task.module, task.imports)).default as Stage;
    const inputs = await openInputs(task);
    const declared = outputsOf(stage, portion);
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
      progress: reporter(around),
      signal: around.signal,
      ...around.cache,
      team: threads.run,
      code: task.code,
    };
    const rounds = task.rounds.map((parts) => parts.map((part) => openPart(stage, part)));
    if (portion.role === 'plan') {
      const parts: Part[] = await stage.parts!.plan({ ...context, round: portion.round, rounds });
      checkParts(parts, stage, task.slots);
      const path = join(task.scratch, 'plan');
      await writeFile(path, JSON.stringify(parts));
      return { ok: true, parts, written: { plan: await seal(path, 'plan') } };
    }
    if (portion.role === 'part') {
      const part = partData(stage, portion.part);
      await stage.parts!.run({ ...context, round: portion.round, part });
    } else {
      await stage.run({ ...context, rounds });
    }
    const optional = portion.role === 'whole' ? task.optional : optionalParts(declared);
    return { ok: true, written: await sealAll(declared, optional, task.scratch, stage.name) };
  } finally {
    await threads.close();
  }
}

/** Declared outputs of a portion; a plan has none, because its output is the framework's own. */
function outputsOf(stage: Stage, { role }: TaskPortion): Record<string, OutputDeclaration> {
  if (role === 'plan') return {};
  return role === 'whole' ? stage.outputs : stage.parts!.outputs;
}

function randomOf(stage: Stage, seed: number | null) {
  if (seed !== null) return randomSource(seed, stage.streams ?? stage.name);
  const refuse = (): never => {
    throw new TypeError(`stage ${stage.name} draws random numbers but does not declare \`random\``);
  };
  return { stream: refuse, of: refuse };
}

function reporter({ onEvent }: Surroundings): (done: number, total: number, note?: string) => void {
  let last = 0;
  return (done, total, note) => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL_MS && done < total) return;
    last = now;
    onEvent({ type: 'progress', done, total, note });
  };
}

/** Outputs that a part may leave unwritten. */
function optionalParts(declared: Readonly<Record<string, OutputDeclaration>>): string[] {
  return Object.keys(declared).filter((slot) => declared[slot].optional === true);
}
