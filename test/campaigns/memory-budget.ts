/**
 * Runs under a memory budget of 2 GB what takes 4 GB and more without one: stages that do nothing but hold memory, and a
 * study of several measures over all pairs of many cells. Each run must end with the same bytes, and its resident
 * memory, as the system accounts it to the process, must never have been above the budget.
 *
 *     node test/campaigns/memory-budget.ts [--cells 60000] [--genes 5000] [--budget 2048] [--workers 8]
 *
 * Needs Linux, and the memory that the runs without a budget take: 6 GB.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: '60000' },
    genes: { type: 'string', default: '5000' },
    budget: { type: 'string', default: '2048' },
    workers: { type: 'string', default: '8' },
  },
});
const MB = 2 ** 20;
const BUDGET = Number(values.budget) * MB;
const WORKERS = Number(values.workers);
const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'rankloom-budget-'));

interface Measured {
  readonly peakBytes: number;
  readonly seconds: number;
  readonly said: string;
}

/** Runs a script of the project; its peak is read from outside until it ends. */
function measure(...args: readonly string[]): Promise<Measured> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let peakBytes = 0;
  const looks = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakBytes = Math.max(peakBytes, 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // it has ended
    }
  }, 10);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      clearInterval(looks);
      if (code !== 0) return fail(new Error(`ended with ${code ?? signal}: ${said.slice(-2000)}`));
      done({ peakBytes, seconds: (performance.now() - start) / 1000, said });
    });
  });
}

function tell(what: string, { peakBytes, seconds, said }: Measured): void {
  const words = said.split('\n').filter((line) => line.includes('memory budget')).length;
  console.log(
    `${what.padEnd(44)}${(peakBytes / MB).toFixed(0).padStart(7)} MB${seconds.toFixed(1).padStart(9)} s   ${words} words about the budget`,
  );
}

function check(naive: Measured, held: Measured): void {
  assert.ok(naive.peakBytes >= 1.5 * BUDGET, 'without a budget it takes hardly more: nothing is shown');
  assert.ok(held.peakBytes <= BUDGET, `it took ${held.peakBytes / MB} MB`);
}

async function holders(): Promise<void> {
  const grows = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`g${i}`, Math.round(BUDGET / MB / 3.5) + 4 * i]),
  );
  const run = (name: string, needs: string | undefined, options: object) =>
    measure(
      join(root, 'test/flow/grow-toys.ts'),
      join(folder, name),
      JSON.stringify({ grows, needs }),
      JSON.stringify({ workers: WORKERS, ...options }),
    );
  const outputsOf = ({ said }: Measured) => JSON.parse(said).outputs;
  const naive = await run('toys', undefined, {});
  tell('stages that hold memory, no budget', naive);
  const declared = 'facts.params.megabytes * 2 ** 20';
  for (const [what, name, needs, options] of [
    ['declared', 'declared', declared, {}],
    ['as taken before', 'toys', undefined, { force: true }],
    ['nothing known', 'unknown', undefined, {}],
  ] as const) {
    const held = await run(name, needs, { memoryBytes: BUDGET, ...options });
    tell(`the same under the budget, ${what}`, held);
    assert.deepEqual(outputsOf(held), outputsOf(naive));
    check(naive, held);
  }
}

async function study(): Promise<void> {
  const config = join(folder, 'study.config.json');
  writeFileSync(
    config,
    JSON.stringify({
      dataset: {
        source: 'simulated',
        cells: Number(values.cells),
        genes: Number(values.genes),
        sizes: 'equal',
      },
      subset: { minGenes: 0, minCellsPerGene: 0, minCellsPerType: 1, cellsPerType: null },
      hvg: { flavor: 'none' },
      encodings: { expression: { kind: 'lognorm' }, rank: { kind: 'rank' } },
      embeddings: {},
      measures: {
        a: { of: 'rank', metric: 'spearman' },
        b: { of: 'expression', metric: 'cosine' },
        c: { of: 'expression', metric: 'pearson' },
        d: { of: 'expression', metric: 'euclidean' },
        e: { of: 'expression', metric: 'ochiai' },
        f: { of: 'rank', metric: 'euclidean' },
      },
      joint: [],
      purity: { k: [] },
      fidelity: null,
    }),
  );
  const run = (store: string, ...options: string[]) =>
    measure(
      join(root, 'lib/cli/main.ts'),
      ...['run', 'summarize', '--config', config, '--store', join(folder, store)],
      ...['--workers', String(WORKERS), ...options],
    );
  const hashes = (store: string) => {
    const { published } = JSON.parse(readFileSync(join(folder, store, 'latest', 'run.json'), 'utf8'));
    return Object.fromEntries(
      Object.entries<{ hash: string }>(published).map(([name, { hash }]) => [name, hash]),
    );
  };
  const held = await run('held', '--memory', String(BUDGET));
  tell(`study of ${values.cells} cells under the budget`, held);
  const naive = await run('naive');
  tell('the same without a budget', naive);
  assert.deepEqual(hashes('held'), hashes('naive'));
  check(naive, held);
}

try {
  await holders();
  await study();
  console.log('never above the budget, and the same bytes');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
