/** For tests that end processes at bad moments, and look at what is left. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore, verify } from '../../lib/flow/index.ts';
import type { ToyProject } from './toy-project.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface Fault {
  /** The folder below which calls count. */
  readonly dir: string;
  /** The number of the call; absent: none, the calls are only counted. */
  readonly at?: number;
  /** `kill`, or an error code. */
  readonly kind?: string;
  readonly log?: string;
}

export interface Ended {
  /** Null if a signal ended the process. */
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program of this folder under faults.ts. */
export async function withFault(program: string, args: readonly string[], fault: Fault): Promise<Ended> {
  const env = {
    ...process.env,
    FAULT_DIR: fault.dir,
    FAULT_KIND: fault.kind ?? 'kill',
    ...(fault.at === undefined ? {} : { FAULT_AT: String(fault.at) }),
    ...(fault.log === undefined ? {} : { FAULT_LOG: fault.log }),
  };
  return start(['--import', here('./faults.ts'), here(program), ...args], env).ended;
}

/** A process of Node whose output is kept. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, output })));
  return { child, ended };
}

/** Arguments that start the toy project: see run-toys.ts. */
export const toyArguments = (toys: ToyProject): string[] => [toys.dir, JSON.stringify(toys.config)];

/** Names of files in a part of a store, sorted. */
export function filesIn(store: string, part: string): string[] {
  try {
    return readdirSync(join(store, part), { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}

/** Locks but those that say nothing: whoever made them may be about to write, for two seconds. */
const locksIn = (store: string) =>
  filesIn(store, 'locks').filter((name) => statSync(join(store, 'locks', name)).size > 0);

/**
 * Runs a toy project whose last run ended badly, and holds it to an undisturbed one: the same outputs, objects
 * and records; nothing made twice that was committed; nothing damaged; nothing left lying about.
 */
export async function requireRecovery(toys: ToyProject, reference: ToyProject, label: string): Promise<void> {
  const store = join(toys.dir, 'artifacts');
  const committed = filesIn(store, 'actions').filter((name) => name.endsWith('.json'));
  const result = await toys.run();
  assert.equal(result.outcome, 'done', `${label}: ${JSON.stringify(result.failed)}`);
  assert.deepEqual(toys.hashes(), reference.hashes(), label);
  const right = join(reference.dir, 'artifacts');
  assert.deepEqual(filesIn(store, 'objects'), filesIn(right, 'objects'), label);
  assert.deepEqual(filesIn(store, 'actions'), filesIn(right, 'actions'), label);
  const all = filesIn(right, 'actions').length;
  assert.equal(
    result.actionsRun.length,
    all - committed.length,
    `${label}: what is committed is not made again`,
  );
  assert.deepEqual((await verify(toys.store)).damage, [], label);
  assert.deepEqual(filesIn(store, 'tmp'), [], label);
  assert.deepEqual(locksIn(store), [], label);
}

/** The project as it was before its first run. */
export function forget(toys: ToyProject): void {
  rmSync(join(toys.dir, 'artifacts'), { recursive: true, force: true });
}

/** As `requireRecovery`, for the one commit of commit-once.ts. */
export async function requireCommit(dir: string, reference: string, label: string): Promise<void> {
  for (const part of ['objects', 'actions', 'targets']) {
    assert.deepEqual(filesIn(dir, part), filesIn(reference, part), `${label}: ${part}`);
  }
  assert.deepEqual((await verify(openStore(dir))).damage, [], label);
  assert.deepEqual(filesIn(dir, 'tmp'), [], label);
  assert.deepEqual(locksIn(dir), [], label);
  assert.deepEqual(filesIn(dir, 'latest/'), filesIn(reference, 'latest/'), label);
}
