/**
 * A copy of rankloom's own code in a folder of its own, with a small study on a simulated atlas, for tests
 * that run the command line, edit code, or kill processes.
 */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlowEvent } from '../../lib/flow/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A study that takes a second or two: 6 types × 30 cells, few epochs. */
export const smallStudy = {
  seed: 0,
  dataset: { source: 'simulated', cells: 260, genes: 300, types: 6, batches: 2 } as Record<string, unknown>,
  subset: { minGenes: 5, maxMitoPercent: null, minCellsPerType: 20, cellsPerType: 25 } as Record<
    string,
    unknown
  >,
  hvg: { flavor: 'annotated' } as Record<string, unknown>,
  encodings: { expression: { kind: 'lognorm' }, rank: { kind: 'rank' } } as Record<string, unknown>,
  embeddings: {
    expressionUmap: { method: 'umap', of: 'expression', dims: 5, epochs: 20 },
  } as Record<string, Record<string, unknown>>,
  measures: {
    'expression-umap': { of: 'expressionUmap', metric: 'euclidean' },
    'rank-spearman': { of: 'rank', metric: 'spearman' },
  } as Record<string, unknown>,
  joint: [['expression-umap', 'rank-spearman']],
  // By one metric and with one floor: each further one is a target.
  fidelity: { metrics: ['pearson'], bootstrap: 20, seeds: 2, controls: ['shuffled-labels'] } as Record<
    string,
    unknown
  >,
};

export interface Outcome {
  /** Exit code; null if a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: FlowEvent[];
  /** Targets that ran, in the order in which they started. */
  readonly ran: string[];
}

export class Project {
  readonly dir: string;
  config = structuredClone(smallStudy);

  /** With `code`, the project has code of its own, to be edited; else it uses the code under test. */
  constructor({ code = false } = {}) {
    this.dir = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-study-')));
    if (!code) return;
    for (const name of ['lib', 'stages', 'package.json']) {
      cpSync(join(root, name), join(this.dir, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(this.dir, 'node_modules'));
  }

  /** Starts the command line on the config of now. */
  start(...args: string[]) {
    writeFileSync(join(this.dir, 'pipeline.config.json'), JSON.stringify(this.config, null, 2));
    const home = existsSync(join(this.dir, 'lib')) ? this.dir : root;
    const child = spawn(process.execPath, [join(home, 'lib/cli/main.ts'), ...args], { cwd: this.dir });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    const outcome = new Promise<Outcome>((done) => {
      child.once('close', (code) => {
        const events = stdout
          .split('\n')
          .flatMap((line) => (line.startsWith('{"type":') ? [JSON.parse(line)] : []));
        const ran = events.flatMap((e) => (e.type === 'target-started' ? [e.target] : []));
        done({ code, stdout, stderr, events, ran });
      });
    });
    return { child, outcome };
  }

  async rankloom(...args: string[]): Promise<Outcome> {
    return this.start(...args).outcome;
  }

  /** Runs everything; the events are those of `--json`. */
  async run(...args: string[]): Promise<Outcome> {
    return this.rankloom('run', '--json', ...args);
  }

  path(...parts: string[]): string {
    return join(this.dir, ...parts);
  }

  latest(name: string): string {
    return this.path('artifacts', 'latest', name);
  }

  /** Name under latest/ → hash of the content. */
  hashes(store = 'artifacts'): Record<string, string> {
    const { published } = JSON.parse(readFileSync(this.path(store, 'latest/run.json'), 'utf8'));
    return Object.fromEntries(
      Object.entries(published as Record<string, { hash: string }>).map(([name, { hash }]) => [name, hash]),
    );
  }

  edit(file: string, from: string, to: string): void {
    const text = readFileSync(this.path(file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
    writeFileSync(this.path(file), text.replace(from, to));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Where real data lie, if they are at hand: tests that need them skip where they are not. */
export function sharedData(name: string): { path: string; skip: string | false } {
  const path = join(root, '..', 'shared', 'data', name);
  return { path, skip: existsSync(path) ? false : `needs ../shared/data/${name}` };
}
