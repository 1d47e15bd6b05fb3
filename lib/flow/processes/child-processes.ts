/**
 * Child processes started by the code of an action. The action may block its event loop on one (`execFileSync`): then its
 * thread cannot be terminated before the child has ended.
 *
 * Child processes are found by an environment variable, which their own children inherit, and by their parents; on Linux
 * also by the thread that started them, if the kernel lists the children of threads. A process without the variable is not
 * found if it was detached from its parent or its thread is gone.
 */

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACTION_VARIABLE } from '../fixed-names.ts';
import { type LockOwner, self } from '../locks/lock-owner.ts';

/** Prefix of all values of the variable that a process assigns. */
export const markOf = ({ pid, startTime }: LockOwner) => `${pid}.${startTime}.`;

/** Makes a unique value of the variable; the values of all actions of a pool begin with it. */
export const newMark = () => `${markOf(self())}${randomBytes(6).toString('hex')}`;

/** System id of this thread; undefined on systems without /proc. */
export function systemThread(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}

export interface ChildProcessInfo {
  readonly pid: number;
  /** Start time, which distinguishes it from a later process with the same pid; empty where unknown. */
  readonly startTime: string;
}

interface Entry extends ChildProcessInfo {
  readonly parent: number;
  readonly isMarked: boolean;
}

/** Processes whose mark begins with `mark`, or that one of these threads started, with all their descendants. */
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

/** Ends processes: sends SIGTERM, so that they can clean up, and after half a second SIGKILL to those still alive. */
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
    if (signal === 'SIGTERM') process.kill(one.pid, 'SIGCONT'); // a suspended process would not handle SIGTERM
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

/** Parent and start time of a process; undefined if there is none or it is a zombie. */
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

/** Lists processes with `ps`, which on macOS and BSD shows the environment of the user's processes after the command. */
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
