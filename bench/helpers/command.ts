/** Runs of the command line, with what they took. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export interface Usage {
  /** Of the whole process, from its start to its end. */
  readonly seconds: number;
  /** Largest resident memory of the whole process, all threads; null where there is no /proc. */
  readonly megabytes: number | null;
  /** Processor seconds of all threads: what tells on a machine that others use too. Null where there is no /proc. */
  readonly cpu: number | null;
}

/** Clock ticks a second in /proc: 100 on every Linux that we know of. */
const TICKS = 100;

/** Runs the command line, and looks at its memory until it ends. */
export function command(args: readonly string[]): Promise<Usage> {
  const start = performance.now();
  const child = spawn(process.execPath, [join(root, 'lib/cli/main.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let megabytes: number | null = null;
  let cpu: number | null = null;
  const look = setInterval(() => {
    const process = `/proc/${child.pid}`;
    if (!existsSync(process)) return;
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(join(process, 'status'), 'utf8'));
    if (peak === null) return;
    megabytes = Number(peak[1]) / 1024;
    // User and system time are the 12th and 13th number behind the name, which may hold anything but ends in ")".
    const numbers = readFileSync(join(process, 'stat'), 'utf8').split(') ')[1].split(' ');
    cpu = (Number(numbers[11]) + Number(numbers[12])) / TICKS;
  }, 20);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => {
      clearInterval(look);
      if (code === 0) done({ seconds: (performance.now() - start) / 1000, megabytes, cpu });
      else fail(new Error(`rankloom ${args.join(' ')} ended with ${code}`));
    });
  });
}
