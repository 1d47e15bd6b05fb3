/**
 * Times all pairs of cells through the command line, against NumPy with float32 BLAS (peers/pairs_numpy.py), and
 * checks that both find the same.
 *
 *     PYTHON=python3 node bench/pairs.ts [--full] [--scaling] [--runs n] [--workers n]
 *
 * Default: 4,450 cells in a minute. --full: 44,500 cells × 2,435 genes at 12.5 % density, 89 types, and the growth from
 * 5,000 to 44,500 cells: some six minutes with the peer. --scaling: our times for these numbers of cells, and for
 * densities of 5 to 40 %.
 *
 * Two times are told of each side, the least of `runs`. `work` is from rows in files (ours) or in memory (the peer's) to
 * results: for us the plan, the parts and the merge of the targets, reading and writing included; for the peer what
 * follows its reading. `process` is all that a user waits for, from the start of the process to its end. Ratios are of
 * work to work and of process to process. Memory is VmHWM (on Linux). Atlases are made once and kept in artifacts/bench.
 * PYTHON has numpy and pyarrow; without them only our own times are printed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parquet } from '../lib/data/kinds/parquet.ts';
import type { Distribution } from '../lib/data/results/tables.ts';
import { jointTable, typePairsTable } from '../lib/data/results/tables.ts';
import { type HexGrid, hexGrid } from '../lib/pairwise/joint/hexagons.ts';
import { type Atlas, folder, type Measured, rankloom, remake, writeConfig } from './helpers/atlas.ts';
import { root } from './helpers/command.ts';

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    scaling: { type: 'boolean', default: false },
    runs: { type: 'string' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
});
const WORKERS = Number(options.workers);
const RUNS = Number(options.runs ?? 1);
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
  const start = performance.now();
  const said = JSON.parse(execFileSync(PYTHON, args, { encoding: 'utf8', maxBuffer: 1 << 26 }));
  const seconds = (performance.now() - start) / 1000;
  const result = new Float64Array(Uint8Array.from(readFileSync(out)).buffer);
  return { ...said, seconds, work: said.seconds, result };
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
    work: Math.min(a.work, b.work),
    megabytes: a.megabytes === null || b.megabytes === null ? null : Math.max(a.megabytes, b.megabytes),
    cpu: a.cpu === null || b.cpu === null ? null : Math.min(a.cpu, b.cpu),
  }));

function figures(side: string, { seconds, work, cpu, megabytes }: Measured): string {
  return [
    side.padEnd(24),
    `work ${work.toFixed(2)} s`.padStart(13),
    `process ${seconds.toFixed(2)} s`.padStart(17),
    (cpu === null ? '' : `cpu ${cpu.toFixed(1)} s`).padStart(12),
    (megabytes === null ? '' : `${megabytes.toFixed(0)} MB`).padStart(8),
  ].join('  ');
}

/** What was timed, then a line for each side; ratios are how many times longer a peer takes. */
function print(
  what: string,
  cells: number,
  ours: Measured,
  peers: Readonly<Record<string, Measured>> = {},
): void {
  const pairs = (cells * (cells - 1)) / 2;
  console.log(`\n${what}`);
  console.log(`  ${figures('rankloom', ours)}  ${(pairs / ours.work / 1e6).toFixed(0)} M pairs/s of work`);
  for (const [name, theirs] of Object.entries(peers)) {
    const ratios = [theirs.work / ours.work, theirs.seconds / ours.seconds].map((ratio) => ratio.toFixed(2));
    console.log(`  ${figures(name, theirs)}  ${ratios[0]} x the work, ${ratios[1]} x the process`);
  }
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

/** Returns what the first task took. */
async function compare(): Promise<Measured> {
  const config = writeConfig('pairs', ATLAS, {
    embeddings: EMBEDDINGS,
    measures: MEASURES,
    joint: [['distances', 'ranks']],
    fidelity: null,
    diagnostics: null,
  });
  await rankloom(config, ['run', 'hvg', 'encode', 'embed'], WORKERS);
  const withPeer = hasPeer();
  const tasks = [
    ['spearman', ['encode[rank]', 'similarity[ranks]']],
    ['euclidean', ['similarity[distances]']],
    ['joint', ['joint[distances:ranks]']],
  ] as const;
  let ranks: Measured | undefined;
  for (const [task, targets] of tasks) {
    const ours: Measured[] = [];
    const theirs: Peer[] = [];
    let grid: ReturnType<typeof hexGrid> | undefined;
    for (let run = 0; run < RUNS; run++) {
      ours.push(await remake(config, targets, WORKERS));
      // The peer reads what the study shows.
      await rankloom(config, ['run'], WORKERS);
      if (task === 'joint') {
        const [x, y] = ['distances', 'ranks'].map((measure) => rangeOf(distributionOf(config, measure)));
        grid = hexGrid(x, y);
      }
      const found = withPeer ? peer(task, grid) : undefined;
      if (found !== undefined) theirs.push(found);
    }
    ranks ??= least(ours);
    const peers: Record<string, Measured> = {};
    if (theirs.length > 0) peers['numpy, as fast as we can'] = least(theirs);
    // What somebody careful writes who has other things to do: it takes minutes, and is timed once.
    if (withPeer && task === 'joint') peers['numpy, as hexbin does it'] = peer('hexbin', grid)!;
    print(TITLES[task], ATLAS.cells, least(ours), peers);
    const [their] = theirs;
    if (their !== undefined) console.log(`  ${await check(task, their, grid)}`);
  }
  return ranks!;
}

/** Says how far both are apart. */
async function check(task: keyof typeof TITLES, their: Peer, grid?: HexGrid): Promise<string> {
  if (grid !== undefined) {
    const columns = Math.ceil((grid.xMax - grid.x0) / grid.stepX) + 3;
    return `${((await elsewhere(their, columns)) * 100).toFixed(4)} % of the pairs in another hexagon`;
  }
  const measure = task === 'spearman' ? 'ranks' : 'distances';
  const off = await difference(measure, their, task === 'euclidean');
  const note = `quantiles of all pairs of types differ by at most ${off.toExponential(1)}`;
  // The peer's own error, of 32-bit sums: ours is below 1e-7.
  if (!(off < (task === 'spearman' ? 2e-6 : 1e-3))) throw new Error(`the peer finds something else: ${note}`);
  return note;
}

const TITLES = {
  spearman: 'ranks, and quantiles of Spearman of all pairs by type',
  euclidean: 'quantiles of distances in 5 dimensions of all pairs by type',
  joint: 'joint hexagonal histogram of both',
};

/** Neighbours against a plain pass over the same pairs. */
async function neighbors(): Promise<void> {
  const config = writeConfig('neighbors', ATLAS, {
    embeddings: { map: { method: 'umap', of: 'expression', dims: 2 } },
    measures: { expression: { of: 'expression', metric: 'euclidean', cutoffs: [] } },
    joint: [],
  });
  await rankloom(config, ['run', 'encode'], WORKERS);
  const [pass, nearest]: Measured[][] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    pass.push(await remake(config, ['similarity[expression]'], WORKERS));
    nearest.push(await remake(config, ['neighbors[expression-euclidean-15]'], WORKERS));
  }
  print('distances over all genes, quantiles by type', ATLAS.cells, least(pass));
  print('15 nearest neighbours of each cell by these distances', ATLAS.cells, least(nearest));
  const ratio = least(nearest).work / least(pass).work;
  console.log(`  ${ratio.toFixed(2)} x the pass over all pairs`);
}

/** One row of the scaling. */
async function scale(what: string, atlas: Atlas): Promise<Measured> {
  const name = `scaling-${atlas.cells}-${atlas.depth ?? 'default'}`;
  const config = writeConfig(name, atlas, { measures: { ranks: MEASURES.ranks }, joint: [] });
  await rankloom(config, ['run', 'encode[rank]'], WORKERS);
  const runs: Measured[] = [];
  for (let run = 0; run < RUNS; run++) {
    runs.push(await remake(config, ['encode[rank]', 'similarity[ranks]'], WORKERS));
  }
  print(what, atlas.cells, least(runs));
  return least(runs);
}

/** Cells of the growth: the largest is the atlas of the comparison. */
const SIZES = [5000, 10_000, 20_000, 44_500];

/** @param largest what the largest takes, if it is known */
async function growth(largest?: Measured): Promise<void> {
  const points: [cells: number, measured: Measured][] = [];
  for (const cells of SIZES) {
    const known = cells === SIZES.at(-1) ? largest : undefined;
    const what = `ranks, and quantiles of Spearman: ${cells.toLocaleString('en')} cells`;
    points.push([cells, known ?? (await scale(what, { ...ATLAS, cells }))]);
  }
  console.log(`\ngrowth from ${SIZES[0]} to ${SIZES.at(-1)} cells`);
  const { fixed, square } = fitSquare(points.map(([cells, { work }]) => [cells, work]));
  console.log(`  work = ${fixed.toFixed(2)} s + ${(square * 2e9).toFixed(1)} ns a pair`);
  for (const [cells, { work, megabytes }] of points) {
    const off = work / (fixed + square * cells * cells) - 1;
    const memory = megabytes === null ? '' : `, ${megabytes.toFixed(0)} MB`;
    console.log(`  ${cells} cells: ${work.toFixed(2)} s, ${(off * 100).toFixed(0)} % off the fit${memory}`);
  }
  const [[n, from], [m, to]] = points.slice(-2);
  const exponent = Math.log((to.work - fixed) / (from.work - fixed)) / Math.log(m / n);
  console.log(`  beyond what is fixed, work grows as cells^${exponent.toFixed(2)} from ${n} to ${m}`);
}

/** Least squares of relative errors: work = fixed + square · cells². */
function fitSquare(points: readonly (readonly [cells: number, work: number])[]) {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const [cells, work] of points) {
    const weight = 1 / (work * work);
    const x = cells * cells;
    w += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wy += weight * work;
    wxy += weight * x * work;
  }
  const square = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  return { square, fixed: (wy - square * wx) / w };
}

async function densities(): Promise<void> {
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
if (options.scaling) {
  await growth();
  await densities();
} else {
  const ranks = await compare();
  await neighbors();
  if (options.full) await growth(ranks);
}
