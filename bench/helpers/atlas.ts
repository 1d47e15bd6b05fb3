/** The simulated atlas of the benches, and runs of the command line on it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { command, root, type Usage } from './command.ts';

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

export interface Measured extends Usage {
  /** Seconds of the work that was asked for alone: without the start of the process, and what it does in the end. */
  readonly work: number;
}

/** Runs the command line in the folder's own store. */
export async function rankloom(
  config: string,
  args: readonly string[],
  workers = availableParallelism(),
): Promise<Usage> {
  const store = join(folder, 'store');
  return command([...args, '--config', config, '--store', store, '--workers', String(workers), '--quiet']);
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
