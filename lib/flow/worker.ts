/**
 * The worker's side: imports the stage, opens its inputs, runs one share of its work, and hashes what was written
 * (to make it durable is the commit's part: group-commit.ts). The main thread only ever sees names and hashes.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { RankloomError, toErrorInfo } from '../errors.ts';
import { collectIfGrown } from '../shared-memory.ts';
import { CrewThreads } from './crew.ts';
import { checkParts } from './declarations.ts';
import { type Keeper, threadKeeper } from './keeper.ts';
import { randomSource } from './random.ts';
import type { AnyKind, ArtifactRef, InputDeclaration, OutputDeclaration, Part, Stage } from './stage.ts';
import { hashFile, hashFileSync } from './stat-cache.ts';
import type { Written } from './store.ts';
import type { PortTask, Task, TaskInput, TaskMessage, TaskResult } from './task.ts';

const PROGRESS_INTERVAL_MS = 100;
/** A file of less is read at once: going back and forth costs more than it. */
const SMALL_BYTES = 1 << 20;

/** How a worker speaks to the main thread. */
export interface Line {
  say(message: TaskMessage): void;
  readonly keeper: Keeper;
}

/** What a thread of the pool runs. */
export default async function runTask(task: PortTask): Promise<TaskResult> {
  const say = (message: TaskMessage) => task.port.postMessage(message);
  say({ type: 'thread', id: threadId });
  try {
    return await perform(task, { say, keeper: threadKeeper(task) });
  } finally {
    collectIfGrown();
    task.port.close();
  }
}

/** Runs one task. Never rejects: what goes wrong is its result. */
export async function perform(task: Task, line: Line): Promise<TaskResult> {
  const crew = new CrewThreads(task.threads);
  // An action that may have several will call them: they start while it reads its inputs.
  if (task.share.role !== 'plan') crew.start();
  try {
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
      signal: new AbortController().signal, // a run that is stopped at once ends the thread
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
      await stage.parts!.run({ ...context, round: task.share.round, part: task.share.part });
    } else {
      await stage.run({ ...context, rounds });
    }
    const optional = task.share.role === 'whole' ? task.optional : optionalParts(declared);
    return { ok: true, written: await sealAll(declared, optional, task.scratch, stage.name) };
  } catch (error) {
    return { ok: false, error: toErrorInfo(error) };
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
  return handles;
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

async function sealAll(
  declared: Readonly<Record<string, OutputDeclaration>>,
  optional: readonly string[],
  scratch: string,
  stage: string,
): Promise<Record<string, Written>> {
  const written: Record<string, Written> = {};
  const broken = (message: string) => new RankloomError('impure', `stage ${stage} ${message}`);
  const other = readdirSync(scratch).find((name) => !Object.hasOwn(declared, name));
  if (other !== undefined) throw broken(`wrote ${other}, which it does not declare as an output`);
  for (const [slot, { kind }] of Object.entries(declared)) {
    const path = join(scratch, slot);
    const found = lstatSync(path, { throwIfNoEntry: false });
    // Folders are made beforehand: one that is still empty was not written.
    const isUnwritten = found === undefined || (kind.folder === true && isEmptyFolder(path, found));
    if (isUnwritten && optional.includes(slot)) continue;
    if (found === undefined) throw broken(`did not write its output ${slot}`);
    if (kind.folder ? !found.isDirectory() : !found.isFile()) {
      throw broken(`wrote its output ${slot} as something else than a ${kind.folder ? 'folder' : 'file'}`);
    }
    written[slot] = kind.folder ? await sealFolder(path, kind.name, broken) : await seal(path, kind.name);
  }
  return written;
}

const isEmptyFolder = (path: string, found: Stats) => found.isDirectory() && readdirSync(path).length === 0;

async function seal(path: string, kind: string): Promise<Written> {
  const bytes = statSync(path).size;
  const hash = bytes < SMALL_BYTES ? hashFileSync(path) : await hashFile(path);
  return { output: { kind, hash, bytes }, files: [{ path, hash }] };
}

/** A folder becomes an object that lists its files by name and hash. */
async function sealFolder(path: string, kind: string, broken: (message: string) => Error): Promise<Written> {
  const files: Record<string, Written['output']> = {};
  const moved: Written['files'][number][] = [];
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(path, name);
    const found = lstatSync(file);
    if (found.isDirectory()) continue;
    // A link would be stored as one, and lead to anything later.
    if (!found.isFile()) throw broken(`wrote ${name}, which is no file but a link or a device`);
    const { output, files: sealed } = await seal(file, kind);
    files[name] = output;
    moved.push(...sealed);
  }
  const listing = JSON.stringify(
    Object.entries(files).map(([name, { hash, bytes }]) => ({ name, hash, bytes })),
  );
  const listFile = `${path}.listing`;
  await writeFile(listFile, listing);
  const hash = createHash('sha256').update(listing).digest('hex') as Written['output']['hash'];
  const output = { kind, hash, bytes: Buffer.byteLength(listing), files };
  return { output, files: [...moved, { path: listFile, hash }] };
}
