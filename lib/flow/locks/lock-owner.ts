/**
 * The owner of a lock, so that other processes can tell whether it still lives. A pid alone is not enough: it is
 * given to another process in time, and means nothing in another container or on another machine.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface LockOwner {
  readonly pid: number;
  /** When the process started, in the kernel's ticks: tells two processes of one pid apart. */
  readonly startTime: string;
  readonly boot: string;
  readonly host: string;
  /** The space in which the pid counts; absent in locks of earlier versions and where there is no /proc. */
  readonly pidSpace?: string;
  /** For people: what the process was called with. */
  readonly command?: string;
  /** When it took what it holds, as ISO 8601. */
  readonly since?: string;
  /** The run that it is at work on. */
  readonly run?: string;
}

/** The holder of a lock, as far as the lock says; `owner` is undefined if it was cut off while it was written. */
export interface Holder {
  readonly owner?: LockOwner;
  /** When it last gave a sign of life, by the clock that stamps files there. In milliseconds. */
  readonly heartbeatMs: number;
  silentMs(): number;
}

/** `unknown`: of another machine, boot or container; only a heartbeat can tell. */
export type Life = 'alive' | 'dead' | 'unknown';

let me: LockOwner | undefined;

export function self(): LockOwner {
  me ??= {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    boot: readOr('/proc/sys/kernel/random/boot_id', ''),
    host: hostname(),
    pidSpace: linkOr('/proc/self/ns/pid', undefined),
    command,
  };
  return me;
}

const LONGEST_COMMAND = 200;
let command: string | undefined;

/** Says what this process is called in what it holds: the command line, as people typed it. */
export function nameProcess(name: string, args: readonly string[]): void {
  const text = [name, ...args].join(' ');
  command = text.length > LONGEST_COMMAND ? `${text.slice(0, LONGEST_COMMAND)} …` : text;
}

/** Whether a living process of this machine is suspended, as by Ctrl-Z; false where that cannot be known. */
export function isSuspended({ pid }: LockOwner): boolean {
  const stat = readOr(`/proc/${pid}/stat`, '');
  return /^[Tt]$/.test(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '');
}

export function lifeOf(owner: LockOwner): Life {
  const here = self();
  const isNeighbour =
    owner.host === here.host &&
    owner.boot === here.boot &&
    (owner.pidSpace ?? here.pidSpace) === here.pidSpace;
  if (!isNeighbour) return 'unknown';
  const start = startTimeOf(owner.pid);
  if (start === undefined && isHidden(owner.pid)) return 'unknown';
  return start !== undefined && start === owner.startTime ? 'alive' : 'dead';
}

/** Undefined if there is no such process. */
function startTimeOf(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`, undefined);
  if (stat !== undefined) {
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : fields[18]; // a zombie holds nothing any more
  }
  if (process.platform === 'linux') return undefined;
  try {
    process.kill(pid, 0); // no /proc here: that the pid exists is all that can be known
    return '';
  } catch {
    return undefined;
  }
}

/** Whether there is a process of another user whom /proc does not show (`hidepid`). */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false; // one of ours: /proc shows those
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readOr<T>(path: string, otherwise: T): string | T {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return otherwise;
  }
}

function linkOr<T>(path: string, otherwise: T): string | T {
  try {
    return readlinkSync(path);
  } catch {
    return otherwise;
  }
}
