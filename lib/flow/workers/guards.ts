/**
 * Guards that keep the code of an action from ending more than itself. Its thread shares a process with the run and with
 * other actions, so it must not signal that process or close the common output streams. A call of `process.exit`, which
 * ends the thread, is reported with its stack.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let hear: ((error: Error) => void) | undefined;

/**
 * Installs the guards in this thread.
 *
 * @param onExit called for `process.exit`, just before it ends the thread; replaces the earlier callback
 */
export function guardProcess(onExit: (error: Error) => void): void {
  const isFirst = hear === undefined;
  hear = onExit;
  if (!isFirst) return;
  const { exit, kill } = process;
  process.exit = (code) => {
    hear?.(new Error(`process.exit(${code ?? ''}) was called`));
    return exit(code);
  };
  process.kill = (pid, signal) => {
    const isOwn = [process.pid, process.ppid, 0, -process.pid].includes(pid);
    if (isOwn && signal !== 0) throw new Error(`process.kill(${pid}) would signal the run itself`);
    return kill(pid, signal);
  };
  const { close, closeSync } = fs;
  const isStandard = (fd: number) => fd >= 0 && fd <= 2;
  fs.closeSync = (fd) => {
    if (!isStandard(fd)) closeSync(fd);
  };
  fs.close = ((fd: number, done?: fs.NoParamCallback) => {
    if (!isStandard(fd)) close(fd, done);
    else if (done !== undefined) process.nextTick(done, null);
  }) as typeof fs.close;
  syncBuiltinESMExports();
}
