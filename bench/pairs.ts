/**
 * Times all pairs of cells through the command line, against NumPy with float32 BLAS (peers/pairs_numpy.py), and
 * checks that both find the same.
 *
 *     PYTHON=python3 node bench/pairs.ts [--full] [--scaling] [--runs n] [--workers n]
 *
 * Default: 4,450 cells in a minute. --full: 44,500 cells × 2,435 genes at 12.5 % density, 89 types. --scaling: our
 * times for 5,000 to 44,500 cells, and for densities of 5 to 40 %. Each time is the least of `runs`, in turns with the
 * peer's; ours is that of a whole process, from its start to published results, with two cores' worth of threads,
 * and its memory is VmHWM (on Linux). The peer's time leaves out its start and reading. Atlases are made once and
 * kept in artifacts/bench. PYTHON has numpy and pyarrow; without them only our own times are printed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parquet } from '../lib/formats/parquet.ts';
import type { Distribution } from '../lib/formats/result-tables.ts';
import { jointTable, typePairsTable } from '../lib/formats/result-tables.ts';
import { hexGrid } from '../lib/pairwise/hexagons.ts';
import { type Atlas, folder, type Measured, rankloom, remake, root, writeConfig } from './helpers/atlas.ts';

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    scaling: { type: 'boolean', default: false },
    runs: { type: 'string' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
});
const WORKERS = Number(options.workers);
const RUNS = Number(options.runs ?? (options.full ? 2 : 1));
const PYTHON = process.env.PYTHON ?? 'python3';
const TYPES = 89;
const ATLAS: Atlas = { cells: options.full ? 44_500 : 4450, genes: 2435, types: TYPES, depth: null };

/** Without relations at cut-offs, which the peer does not count. */
const MEASURES = {
  ranks: { of: 'rank', metric: 'spearman', cutoffs: [] },
  distances: { of: 'five', metric: 'euclidean', cutoffs: [] },
};
const EMBEDDINGS = { five: { method: 'pca', of: 'expression', dims: 5 } };

/** What the peer says; undefined if it cannot run here. */
interface Peer extends Measured {
  readonly result: Float64Array;
  readonly types: string[];
}

function peer(task: string, grid?: object): Peer | undefined {
  const latest = join(folder, 'store', 'latest');
  const out = join(folder, `peer-${task}.f64`);
  const args = [join(root, 'bench/peers/pairs_numpy.py'), task, join(latest, 'counts.arrow')];
  args.push(join(latest, 'embeddings/five.arrow'), out, String(WORKERS));
  if (grid !== undefined) {
    writeFileSync(join(folder, 'grid.json'), JSON.stringify(grid));
    args.push(join(folder, 'grid.json'));
  }
  const said = JSON.parse(execFileSync(PYTHON, args, { encoding: 'utf8', maxBuffer: 1 << 26 }));
  return { ...said, result: new Float64Array(Uint8Array.from(readFileSync(out)).buffer) };
}

function hasPeer(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import numpy, pyarrow'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`${PYTHON} has no numpy and pyarrow: the peer is left out (set PYTHON to one that has)`);
    return false;
  }
}

/** Largest difference of our quantiles from the peer's, in units of the value for distances. */
async function difference(measure: string, { result, types }: Peer, relative: boolean): Promise<number> {
  const table = await parquet(typePairsTable).input(join(folder, 'store/latest/type_pairs.parquet')).read();
  const numberOf = new Map(types.map((name, i) => [name, i]));
  let largest = 0;
  for (let i = 0; i < table.measure.length; i++) {
    if (table.measure[i] !== measure) continue;
    const at = (numberOf.get(table.type_a[i])! * types.length + numberOf.get(table.type_b[i])!) * 5;
    const ours = [table.q05[i], table.q25[i], table.median[i], table.q75[i], table.q95[i]];
    for (let q = 0; q < 5; q++) {
      const off = Math.abs(ours[q] - result[at + q]) / (relative ? result[at + q] : 1);
      if (!(off <= largest)) largest = off;
    }
  }
  return largest;
}

/** Share of the pairs that the peer has in another hexagon: it works in 32-bit floats. */
async function elsewhere({ result }: Peer, columns: number): Promise<number> {
  const table = await parquet(jointTable).input(join(folder, 'store/latest/joint.parquet')).read();
  const theirs = result.slice();
  const half = theirs.length / 2;
  let pairs = 0;
  for (let i = 0; i < table.pairs.length; i++) {
    const [q, r] = [table.hex_q[i], table.hex_r[i]];
    const cell = (r + 1) * columns + q + ((r - (r & 1)) >> 1) + 1;
    theirs[cell + (table.scope[i] === 'within' ? 0 : half)] -= table.pairs[i];
    pairs += table.pairs[i];
  }
  return theirs.reduce((sum, rest) => sum + Math.abs(rest), 0) / 2 / pairs;
}

const least = (runs: readonly Measured[]): Measured =>
  runs.reduce((a, b) => ({
    seconds: Math.min(a.seconds, b.seconds),
    megabytes: a.megabytes === null || b.megabytes === null ? null : Math.max(a.megabytes, b.megabytes),
    cpu: a.cpu === null || b.cpu === null ? null : Math.min(a.cpu, b.cpu),
  }));

const memory = ({ megabytes }: Measured) => (megabytes === null ? '' : `${megabytes.toFixed(0)} MB`);
const processor = ({ cpu }: Measured) => (cpu === null ? '' : `(cpu ${cpu.toFixed(1)} s)`);

function print(what: string, cells: number, ours: Measured, theirs?: Measured, note = ''): void {
  const pairs = (cells * (cells - 1)) / 2;
  const columns = [
    what.padEnd(34),
    `${ours.seconds.toFixed(2)} s`.padStart(9),
    processor(ours).padStart(12),
    memory(ours).padStart(8),
    `${(pairs / ours.seconds / 1e6).toFixed(0)} M pairs/s`.padStart(14),
  ];
  if (theirs !== undefined) {
    const ratio = theirs.seconds / ours.seconds;
    columns.push(`numpy ${theirs.seconds.toFixed(2)} s`.padStart(15), processor(theirs).padStart(12));
    columns.push(memory(theirs).padStart(8));
    columns.push(`${ratio.toFixed(2)} x`.padStart(8));
  }
  console.log([...columns, note].join('  '));
}

/** A distribution, as the command line shows it. */
function distributionOf(config: string, measure: string): Distribution {
  const args = ['lib/cli/main.ts', 'show', `similarity[${measure}].distribution`, '--config', config];
  args.push('--store', join(folder, 'store'));
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }));
}

const rangeOf = ({ within, between }: Distribution) => ({
  min: Math.min(within.min!, between.min!),
  max: Math.max(within.max!, between.max!),
});

async function compare(): Promise<void> {
  const config = writeConfig('pairs', ATLAS, {
    embeddings: EMBEDDINGS,
    measures: MEASURES,
    compare: [['distances', 'ranks']],
  });
  await rankloom(config, ['run', 'hvg', 'encode', 'embed'], WORKERS);
  const withPeer = hasPeer();
  const tasks = [
    ['spearman', ['encode[rank]', 'similarity[ranks]']],
    ['euclidean', ['similarity[distances]']],
    ['joint', ['summarize']],
  ] as const;
  for (const [task, targets] of tasks) {
    const ours: Measured[] = [];
    const theirs: Peer[] = [];
    let grid: ReturnType<typeof hexGrid> | undefined;
    for (let run = 0; run < RUNS; run++) {
      ours.push(await remake(config, targets, WORKERS));
      if (task !== 'joint') await rankloom(config, ['run', 'summarize'], WORKERS);
      else {
        const [x, y] = ['distances', 'ranks'].map((measure) => rangeOf(distributionOf(config, measure)));
        grid = hexGrid(x, y);
      }
      const found = withPeer ? peer(task, grid) : undefined;
      if (found !== undefined) theirs.push(found);
    }
    const [their] = theirs;
    let note = '';
    if (their !== undefined && grid !== undefined) {
      const columns = Math.ceil((grid.xMax - grid.x0) / grid.stepX) + 3;
      note = `${((await elsewhere(their, columns)) * 100).toFixed(4)} % of the pairs in another hexagon`;
    } else if (their !== undefined) {
      const measure = task === 'spearman' ? 'ranks' : 'distances';
      const off = await difference(measure, their, task === 'euclidean');
      note = `quantiles differ by at most ${off.toExponential(1)}`;
      // The peer's own error, of 32-bit sums: ours is below 1e-7.
      if (!(off < (task === 'spearman' ? 2e-6 : 1e-3)))
        throw new Error(`the peer finds something else: ${note}`);
    }
    print(TITLES[task], ATLAS.cells, least(ours), theirs.length > 0 ? least(theirs) : undefined, note);
  }
}

const TITLES = {
  spearman: 'ranks, Spearman of all pairs',
  euclidean: 'distances in 5 dimensions',
  joint: 'joint histogram of both',
};

/** Neighbours against a plain pass over the same pairs. */
async function neighbors(): Promise<void> {
  const config = writeConfig('neighbors', ATLAS, {
    embeddings: { map: { method: 'umap', of: 'expression', dims: 2 } },
    measures: { expression: { of: 'expression', metric: 'euclidean', cutoffs: [] } },
    compare: [],
  });
  await rankloom(config, ['run', 'encode'], WORKERS);
  const [pass, nearest]: Measured[][] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    pass.push(await remake(config, ['similarity[expression]'], WORKERS));
    nearest.push(await remake(config, ['neighbors[expression-euclidean-15]'], WORKERS));
  }
  print('distances over all genes', ATLAS.cells, least(pass));
  const ratio = least(nearest).seconds / least(pass).seconds;
  print('15 nearest neighbours', ATLAS.cells, least(nearest), undefined, `${ratio.toFixed(2)} x the pass`);
}

/** One row of the scaling; returns the seconds. */
async function scale(what: string, atlas: Atlas): Promise<number> {
  const name = `scaling-${atlas.cells}-${atlas.depth ?? 'default'}`;
  const config = writeConfig(name, atlas, { measures: { ranks: MEASURES.ranks }, compare: [] });
  await rankloom(config, ['run', 'encode[rank]'], WORKERS);
  const runs: Measured[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await remake(config, ['similarity[ranks]'], WORKERS));
  print(what, atlas.cells, least(runs));
  return least(runs).seconds;
}

async function scaling(): Promise<void> {
  const points: [number, number][] = [];
  for (const cells of [5000, 10_000, 20_000, 44_500]) {
    const seconds = await scale(`${cells.toLocaleString('en')} cells`, { ...ATLAS, cells });
    points.push([cells, seconds]);
  }
  // The process takes half a second to start whatever it does: the slope between the larger ones.
  const [[n, s], [m, t]] = points.slice(-2);
  console.log(`time grows as cells^${(Math.log(t / s) / Math.log(m / n)).toFixed(2)} from ${n} to ${m}`);
  for (const [density, depth] of DEPTHS) {
    await scale(`20,000 cells, ${density} % density`, { ...ATLAS, cells: 20_000, depth });
  }
}

/** Counts a cell that give these densities. */
const DEPTHS = [
  [5, 160],
  [10, 370],
  [20, 950],
  [40, 3000],
] as const;

console.log(`${cpus()[0].model}, ${WORKERS} threads, Node ${process.versions.node}, ${ATLAS.cells} cells`);
if (!existsSync(join(root, 'lib/kernels/pairs.wasm')))
  throw new Error('the kernels are not built: make build');
if (options.scaling) await scaling();
else {
  await compare();
  await neighbors();
}
