/**
 * The child processes that the code of an action started. It may wait for one without returning to its event loop
 * (`execFileSync`): then its thread cannot be ended before they are.
 *
 * They are known by a variable of their environment, which they pass on to their own children, and by their parents;
 * on Linux also by the thread that started them, where the kernel lists these. Not found is what was started with an
 * environment without the variable and has left its parent, or whose thread is gone.
 */

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACTION_VARIABLE } from '../fixed-names.ts';
import { type LockOwner, self } from '../locks/lock-owner.ts';

/** With what all values of the variable begin that a process gives out. */
export const markOf = ({ pid, startTime }: LockOwner) => `${pid}.${startTime}.`;

/** A value of the variable that nobody else uses; those of the actions of a pool begin with it. */
export const newMark = () => `${markOf(self())}${randomBytes(6).toString('hex')}`;

/** What the system calls this thread; undefined where there is no /proc. */
export function systemThread(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}

export interface ChildProcessInfo {
  readonly pid: number;
  /** Tells it from a later process of the same pid; empty where that cannot be known. */
  readonly startTime: string;
}

interface Entry extends ChildProcessInfo {
  readonly parent: number;
  readonly isMarked: boolean;
}

/** The processes whose mark begins with `mark`, or that one of these threads started, with all their descendants. */
export function startedBy(mark: string, threads: readonly number[] = []): ChildProcessInfo[] {
  const all = process.platform === 'linux' ? linuxProcesses(mark) : otherProcesses(mark);
  const ofThreads = new Set(threads.flatMap(childrenOfThread));
  const found = new Map<number, Entry>();
  const add = (entry: Entry) => {
    if (found.has(entry.pid) || entry.pid === process.pid) return;
    found.set(entry.pid, entry);
    for (const child of all) if (child.parent === entry.pid) add(child);
  };
  for (const entry of all) if (entry.isMarked || ofThreads.has(entry.pid)) add(entry);
  return [...found.values()];
}

const TERM_MS = 500;
const KILL_MS = 1_000;
const POLL_MS = 25;

/** Ends processes: first by SIGTERM, so that they may put things away, what is left after half a second by SIGKILL. */
export async function endProcesses(processes: readonly ChildProcessInfo[]): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', TERM_MS],
    ['SIGKILL', KILL_MS],
  ] as const) {
    const until = performance.now() + waitMs;
    for (const one of processes) send(one, signal);
    while (processes.some(isAlive)) {
      if (performance.now() > until) break;
      await sleep(POLL_MS);
    }
  }
}

function send(one: ChildProcessInfo, signal: NodeJS.Signals): void {
  if (!isAlive(one)) return;
  try {
    process.kill(one.pid, signal);
    if (signal === 'SIGTERM') process.kill(one.pid, 'SIGCONT'); // one that is suspended would not hear of it
  } catch {
    // gone meanwhile, or another user's
  }
}

function isAlive({ pid, startTime }: ChildProcessInfo): boolean {
  if (process.platform === 'linux') {
    const stat = statOf(pid);
    return stat !== undefined && stat.startTime === startTime;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function linuxProcesses(mark: string): Entry[] {
  const needle = `${ACTION_VARIABLE}=${mark}`;
  const entries: Entry[] = [];
  for (const name of list('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? statOf(pid) : undefined;
    if (stat === undefined) continue;
    const isMarked = `\0${read(`/proc/${pid}/environ`)}`.includes(`\0${needle}`);
    entries.push({ pid, ...stat, isMarked });
  }
  return entries;
}

/** Undefined if there is no such process, or all that is left of it is its exit code. */
function statOf(pid: number): { parent: number; startTime: string } | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === '') return undefined;
  const [state, parent, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : { parent: Number(parent), startTime: rest[17] };
}

function childrenOfThread(id: number): number[] {
  const text = read(`/proc/self/task/${id}/children`).trim();
  return text === '' ? [] : text.split(/\s+/).map(Number);
}

/** `ps` of macOS and of the BSDs shows the environment of one's own processes behind the command. */
function otherProcesses(mark: string): Entry[] {
  const { stdout } = spawnSync('ps', ['-axEww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
  const needle = `${ACTION_VARIABLE}=${mark}`;
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [, pid, parent, rest] = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(line) ?? [];
    if (pid === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), startTime: '', isMarked: rest.includes(needle) }];
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
