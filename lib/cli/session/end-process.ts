/** Forced end of a process that may not end by itself. */
import { existsSync } from 'node:fs';
import { releaseAll } from '../../flow/locks/lock.ts';

const SHELL = '/bin/sh';

/**
 * Ends the process at once. `process.exit` waits for all threads, even for one that waits inside the system for a network
 * or a pipe that never answers; replacing the process with another program does not wait.
 */
export function endProcess(code: number): never {
  releaseAll();
  try {
    process.emit('exit', code); // restores the terminal
  } catch {
    // nothing more can be done for it
  }
  if (typeof process.execve === 'function' && existsSync(SHELL)) {
    process.execve(SHELL, ['sh', '-c', `exit ${code}`], {});
  }
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}
