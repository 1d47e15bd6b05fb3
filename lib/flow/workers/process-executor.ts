/**
 * Executor for hermetic runs: every action in a separate process, under Node's permission model (permissions.ts). Slower than
 * threads: a process takes some tenths of a second to start, and shared values of parts are made in each process again.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fromErrorInfo, OperationalError } from '../../errors.ts';
import { hintOf } from '../hints.ts';
import { blameInfo, ownCode } from './blame.ts';
import { type Executor, GRACE_MS, passOn, type TaskOptions, type TaskRun } from './executor.ts';
import { readableFiles } from './known-files.ts';
import { type ActionLimits, tookTooMuch, watchLimits } from './limits.ts';
import { environmentOf, permissionsOf } from './permissions.ts';
import type { ProcessMessage, Refusal } from './process-worker.ts';
import type { AbortRequest, Task, TaskEvent, TaskResult } from './task.ts';

const SAMPLE_MS = 50;
/** Milliseconds after which a process that has sent its result is killed, if its code keeps it alive. */
const LEAVE_MS = 1_000;
/** Maximum characters kept from the end of a process's stderr. */
const LAST_WORDS = 2000;

/** Resident bytes of an idle Node process. */
const PROCESS_BYTES = 96 << 20;

export class ProcessExecutor implements Executor {
  readonly overheadBytes = PROCESS_BYTES;
  readonly #children = new Set<ChildProcess>();

  async run(task: Task, options: TaskOptions): Promise<TaskRun> {
    const { signal, giveWay, limits } = options;
    const start = performance.now();
    const code = options.code();
    const watched = ownCode(task).length > 0 ? { ...task, readable: readableFiles(task, () => code) } : task;
    const child = fork(new URL('./process-worker.ts', import.meta.url), {
      execArgv: permissionsOf(task, code),
      env: environmentOf(code),
      serialization: 'advanced',
      // Separate process group: Ctrl-C in a terminal goes to the run, which decides what is finished.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#children.add(child);
    let reason: OperationalError | undefined;
    const end = (error: OperationalError, graceMs: number) => {
      if (reason !== undefined) return;
      reason = error;
      if (child.connected) child.send({ type: 'abort' } satisfies AbortRequest, () => {});
      const timer = setTimeout(() => endGroup(child), graceMs);
      child.once('exit', () => clearTimeout(timer));
    };
    const onKill = () => end(new OperationalError('interrupted', 'interrupted'), GRACE_MS);
    const onGiveWay = () => end(new OperationalError('interrupted', 'interrupted'), 0);
    signal.addEventListener('abort', onKill, { once: true });
    giveWay?.addEventListener('abort', onGiveWay, { once: true });
    if (giveWay?.aborted) onGiveWay();
    if (signal.aborted) onKill();
    const stopWatching = watchLimits(
      limits,
      () => memoryOf(child)?.now,
      (error, isUrgent) => end(error, isUrgent ? 0 : GRACE_MS),
    );
    let peakRssBytes = 0;
    const sampler = setInterval(() => {
      peakRssBytes = Math.max(peakRssBytes, memoryOf(child)?.peak ?? 0);
    }, SAMPLE_MS);
    try {
      const { result, refused } = await converse(child, watched, (event) => passOn(event, options)).catch(
        (error) => {
          throw reason ?? processDied(error, limits, ownCode(task));
        },
      );
      if (reason !== undefined) throw reason;
      return {
        result: judged(result, refused, task.stage),
        durationMs: performance.now() - start,
        peakRssBytes,
      };
    } finally {
      this.#children.delete(child);
      clearInterval(sampler);
      stopWatching();
      signal.removeEventListener('abort', onKill);
      giveWay?.removeEventListener('abort', onGiveWay);
    }
  }

  residentBytes(): number {
    let bytes = process.memoryUsage.rss();
    for (const child of this.#children) bytes += memoryOf(child)?.now ?? 0;
    return bytes;
  }
}

type Answer = Extract<ProcessMessage, { type: 'result' }>;

/** Sends the task and waits for its result. Rejects if the process ends without one. */
function converse(child: ChildProcess, task: Task, onEvent: (event: TaskEvent) => void): Promise<Answer> {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS);
  });
  return new Promise((done, fail) => {
    let answer: Answer | undefined;
    child.on('message', (message: ProcessMessage) => {
      if (message.type !== 'result') return onEvent(message);
      answer = message;
      const timer = setTimeout(() => endGroup(child), LEAVE_MS);
      child.once('exit', () => clearTimeout(timer));
    });
    child.once('error', fail);
    child.once('close', (code, by) => {
      if (answer !== undefined) done(answer);
      else
        fail(
          Object.assign(new Error(by === null ? `it exited with code ${code}` : `ended by ${by}`), { words }),
        );
    });
    child.send(task, (error) => error !== null && fail(error));
  });
}

/** Kills a process with its whole group. */
function endGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // it never started, or has ended
  }
}

function processDied(
  error: Error & { words?: string },
  { memoryBytes }: ActionLimits,
  own: readonly string[],
): OperationalError {
  const words = error.words?.trim() ?? '';
  if (words.includes('heap out of memory')) {
    if (memoryBytes !== undefined) return tookTooMuch(undefined, memoryBytes);
    return new OperationalError('limit', "the action's process ran out of JavaScript memory");
  }
  const message = `the action's process died: ${error.message}`;
  if (error.message.includes('SIGKILL')) {
    return new OperationalError('limit', message, {
      hint: hintOf('memoryShort'),
      cause: error,
    });
  }
  // The end of its stderr has the stack of the code that ended it.
  const info = blameInfo({ kind: 'internal', message, stack: words }, own);
  return fromErrorInfo({ ...info, where: info.where ?? (words === '' ? undefined : words) });
}

/** Turns a result into an `impure` error if the process was denied access: the key does not cover what the code tried. */
function judged(result: TaskResult, refused: readonly Refusal[], stage: string): TaskResult {
  if (refused.length === 0) return result;
  const [{ permission, resource }] = refused;
  const verb =
    permission === 'FileSystemRead' ? 'reads' : permission === 'FileSystemWrite' ? 'writes' : 'uses';
  const others = new Set(refused.map((r) => r.resource)).size - 1;
  const more = others === 0 ? '' : ` and ${others} more`;
  const error = new OperationalError(
    'impure',
    `stage ${stage} ${verb} ${resource}${more}, which it does not declare`,
    {
      expected: 'a stage reads its declared inputs and its own code, and writes its outputs',
      where: resource,
      hint: 'declare the file in `inputs` of the stage (fromFile), so that it is part of the key',
    },
  );
  return {
    ok: false,
    error: {
      kind: 'impure',
      message: error.message,
      expected: error.expected,
      where: error.where,
      hint: error.hint,
    },
  };
}

/** Resident memory of a process and its peak, in bytes; undefined where there is no /proc. */
function memoryOf({ pid }: ChildProcess): { now: number; peak: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return { now: 1024 * kilobytes('VmRSS'), peak: 1024 * kilobytes('VmHWM') };
  } catch {
    return undefined;
  }
}
