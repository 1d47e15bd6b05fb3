/** Memory available to a run. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** Fraction of the available memory that a run plans with; the rest is for the system and for unforeseen needs. */
const SHARE = 0.8;

/** Default memory budget of a run, in bytes. */
export function defaultBudget(): number {
  return Math.floor(SHARE * memoryLimit());
}

/** Maximum memory of this process in bytes: that of the machine, or a lower limit of a control group. */
export function memoryLimit(read: (path: string) => string = readText): number {
  const limits = [totalmem(), process.constrainedMemory(), ...controlGroupLimits(read)];
  return Math.min(...limits.filter((bytes) => bytes > 0));
}

/** Mount point of the memory controller and its limit files, by cgroup version. */
const VERSIONS = {
  1: { root: '/sys/fs/cgroup/memory', files: ['memory.limit_in_bytes'] },
  2: { root: '/sys/fs/cgroup', files: ['memory.max', 'memory.high'] },
} as const;

/**
 * Memory limits in bytes of the process's control group and all its ancestors, for cgroup versions 1 and 2. Node reports
 * only the limit of the group itself, but cluster and service schedulers set limits on ancestors.
 *
 * @param read returns the text of a file; throws if there is none
 */
export function controlGroupLimits(read: (path: string) => string): number[] {
  const limits: number[] = [];
  for (const line of textOf(read, '/proc/self/cgroup').split('\n')) {
    const [, id, controllers, group] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (group === undefined) continue;
    const isSecond = id === '0' && controllers === '';
    if (!isSecond && !controllers.split(',').includes('memory')) continue;
    const { root, files } = VERSIONS[isSecond ? 2 : 1];
    // In a container the path may be the host's, with only its end mounted: then the limit of the root counts.
    for (let path = group; ; path = dirname(path)) {
      for (const file of files) limits.push(Number.parseInt(textOf(read, join(root, path, file)), 10));
      if (path === '/') break;
    }
  }
  // Without a limit, version 2 has `max`, which is no number, and version 1 has 2⁶³ minus a page.
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
