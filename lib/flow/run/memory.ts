/** How much memory there is to plan with. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** Of the memory that there is, what a run plans with: the rest is for the system, and for what no plan foresees. */
const SHARE = 0.8;

/** The budget of a run that names none, in bytes. */
export function defaultBudget(): number {
  return Math.floor(SHARE * memoryLimit());
}

/** The most memory that this process can have, in bytes: the machine's, or less where a control group says so. */
export function memoryLimit(read: (path: string) => string = readText): number {
  const limits = [totalmem(), process.constrainedMemory(), ...controlGroupLimits(read)];
  return Math.min(...limits.filter((bytes) => bytes > 0));
}

/** Where a controller lies, and the files in which it says how much may be used. */
const VERSIONS = {
  1: { root: '/sys/fs/cgroup/memory', files: ['memory.limit_in_bytes'] },
  2: { root: '/sys/fs/cgroup', files: ['memory.max', 'memory.high'] },
} as const;

/**
 * The limits of the process's control group and of all groups around it, of either version, in bytes. Node tells that
 * of the group itself alone, but schedulers of clusters and of services limit a group further up.
 *
 * @param read gives the text of a file; throws if there is none
 */
export function controlGroupLimits(read: (path: string) => string): number[] {
  const limits: number[] = [];
  for (const line of textOf(read, '/proc/self/cgroup').split('\n')) {
    const [, id, controllers, group] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (group === undefined) continue;
    const isSecond = id === '0' && controllers === '';
    if (!isSecond && !controllers.split(',').includes('memory')) continue;
    const { root, files } = VERSIONS[isSecond ? 2 : 1];
    // In a container the path may be that of the host, while only the end of it is mounted: then the root's counts.
    for (let path = group; ; path = dirname(path)) {
      for (const file of files) limits.push(Number.parseInt(textOf(read, join(root, path, file)), 10));
      if (path === '/') break;
    }
  }
  // `max` is no number, and version 1 says 2⁶³ less a page where there is no limit.
  return limits.filter((bytes) => bytes > 0 && bytes < 2 ** 60);
}

function textOf(read: (path: string) => string, path: string): string {
  try {
    return read(path);
  } catch {
    return '';
  }
}

const readText = (path: string) => readFileSync(path, 'utf8');
