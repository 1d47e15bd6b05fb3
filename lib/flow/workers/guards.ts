/**
 * Keeps the code of an action from ending more than itself. Its thread shares a process with the run and with other
 * actions, so it may not signal that process nor close the streams that all of them print to; and a call of
 * `process.exit`, which does end the thread, is told with the place where it stands.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let hear: ((error: Error) => void) | undefined;

/** @param onExit hears of a call of `process.exit` just before it ends the thread; replaces the one before */
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
