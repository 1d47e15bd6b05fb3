/**
 * Identity of a lock's owner, so that other processes can tell whether it is alive. A pid alone is not enough: it is reused
 * over time, and has no meaning in another container or on another machine.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface LockOwner {
  readonly pid: number;
  /** Start time of the process, in kernel clock ticks; distinguishes processes with a reused pid. */
  readonly startTime: string;
  readonly boot: string;
  readonly host: string;
  /** PID namespace; absent in locks of earlier versions and on systems without /proc. */
  readonly pidSpace?: string;
  /** Command line of the process, for messages. */
  readonly command?: string;
  /** Time at which the lock was taken, as ISO 8601. */
  readonly since?: string;
  /** Id of the run that the process works on. */
  readonly run?: string;
}

/** Holder of a lock, as recorded in it; `owner` is undefined if the lock file is incomplete or not readable. */
export interface Holder {
  readonly owner?: LockOwner;
  /** Time of the last heartbeat in milliseconds, by the clock of the lock's file system. */
  readonly heartbeatMs: number;
  silentMs(): number;
}

/** State of a process. `unknown`: it belongs to another machine, boot or container, so only the heartbeat tells. */
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

/** Sets the command line that this process's locks show, as the user typed it. */
export function nameProcess(name: string, args: readonly string[]): void {
  const text = [name, ...args].join(' ');
  command = text.length > LONGEST_COMMAND ? `${text.slice(0, LONGEST_COMMAND)} …` : text;
}

/** Whether a living process of this machine is suspended, for example by Ctrl-Z; false where that is unknown. */
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

/** Start time of a process in kernel clock ticks, '' on systems without /proc; undefined if there is no such process. */
function startTimeOf(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`, undefined);
  if (stat !== undefined) {
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : fields[18]; // a zombie holds no locks
  }
  if (process.platform === 'linux') return undefined;
  try {
    process.kill(pid, 0); // without /proc, only the existence of the pid can be checked
    return '';
  } catch {
    return undefined;
  }
}

/** Whether a process belongs to another user and is hidden from /proc (`hidepid`). */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false; // a process of this user, which /proc shows
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
