/** The simulated atlas of the benches, and runs of the command line on it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');
/** Atlases are kept here between runs. */
export const folder = join(root, 'artifacts', 'bench');

export interface Atlas {
  readonly cells: number;
  readonly genes: number;
  readonly types: number;
  /** Median counts of a cell; null: 0.2 a gene. */
  readonly depth: number | null;
}

/** A config of so many cells of each type, all genes kept. */
export function writeConfig(name: string, { cells, genes, types, depth }: Atlas, rest: object): string {
  const config = {
    dataset: { source: 'simulated', cells, genes, types, depth, batches: 1, sizes: 'equal' },
    subset: {
      minGenes: null,
      maxMitoPercent: null,
      minCellsPerGene: null,
      minCellsPerType: null,
      cellsPerType: null,
    },
    hvg: { flavor: 'none' },
    purity: { k: [] },
    ...rest,
  };
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(config, null, 2));
  return path;
}

export interface Measured {
  /** Of the whole process, from its start to its end. */
  readonly seconds: number;
  /** Of the work that was asked for alone: without the start of the process, and what it does in the end. */
  readonly work: number;
  /** Largest resident memory of the whole process, all threads; null where there is no /proc. */
  readonly megabytes: number | null;
  /** Processor seconds of all threads: what tells on a machine that others use too. Null where there is no /proc. */
  readonly cpu: number | null;
}

/** Clock ticks a second in /proc: 100 on every Linux that we know of. */
const TICKS = 100;

/** Runs the command line, and looks at its memory until it ends. */
export function rankloom(
  config: string,
  args: readonly string[],
  workers = availableParallelism(),
): Promise<Measured> {
  const options = [
    '--config',
    config,
    '--store',
    join(folder, 'store'),
    '--workers',
    String(workers),
    '--quiet',
  ];
  const start = performance.now();
  const child = spawn(process.execPath, [join(root, 'lib/cli/main.ts'), ...args, ...options], {
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
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) done({ seconds, work: seconds, megabytes, cpu });
      else fail(new Error(`rankloom ${args.join(' ')} ended with ${code}`));
    });
  });
}

/** Makes these targets anew, whatever is kept of them. Their time is from the first plan to the end of the merge. */
export async function remake(
  config: string,
  targets: readonly string[],
  workers?: number,
): Promise<Measured> {
  const forced = targets.flatMap((target) => ['--force', target]);
  const measured = await rankloom(config, ['run', targets.at(-1)!, ...forced], workers);
  return { ...measured, work: lastTimes(targets) };
}

/** Seconds that these targets took in the last run, which made them one after the other. */
function lastTimes(targets: readonly string[]): number {
  const runs = join(folder, 'store', 'runs');
  const last = readdirSync(runs).sort().at(-1)!;
  let seconds = 0;
  for (const line of readFileSync(join(runs, last, 'events.ndjson'), 'utf8')
    .trim()
    .split('\n')) {
    const event = JSON.parse(line) as { type: string; target?: string; durationMs?: number };
    if (event.type === 'target-finished' && targets.includes(event.target!))
      seconds += event.durationMs! / 1000;
  }
  return seconds;
}
