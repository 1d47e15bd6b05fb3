/**
 * Times UMAP from neighbours to layout through the command line, and holds its quality to umap-learn's.
 *
 *     PYTHON=python3 node bench/umap.ts [dataset …]
 *
 * Datasets: `simulated` (44,500 cells of 89 types, the 2,435 most variable of 12,000 genes), and files of ../shared/data by name; default:
 * all that are there. PYTHON has umap-learn, pyarrow, scikit-learn and scipy; without it only our own times are
 * printed. Memory is read from /proc, so on Linux only. Ours: neighbours, graph and layout in 5 dimensions, start
 * of the program included, encoding before that not. umap-learn's: `UMAP(n_components=5).fit_transform` of the dense
 * float32 matrix, after a fit of a few rows that has it compiled; and the same on our neighbours, without its search.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const shared = join(root, '..', 'shared', 'data');
const SEEDS = [0, 1, 2];
const FILES = ['blood_4studies_11batches', 'blood_3studies_fullgenes', 'zheng_facs_pbmc', 'pbmc3k'];
const everyCell = { minCellsPerType: null, cellsPerType: null };

function datasetOf(name: string): object {
  if (name === 'simulated') {
    return {
      // As in the study: about 44,500 cells pass, and genes are chosen from all. Of as many genes without a choice, most are
      // noise, and the emptiest cells are neighbours of nearly all others: see docs/decisions/0012.
      dataset: { source: 'simulated', cells: 45_760, genes: 12_000, types: 89, batches: 1, sizes: 'equal' },
      subset: everyCell,
      hvg: { flavor: 'seurat', top: 2435 },
    };
  }
  return {
    dataset: { source: join(shared, `${name}.h5ad`), label: 'cell_type' },
    subset: everyCell,
    hvg: { flavor: 'seurat', top: 2000 },
  };
}

interface Measured {
  readonly seconds: number;
  readonly megabytes: number | null;
  /** Processor seconds of all threads, or null. */
  readonly cpu?: number | null;
}

/** Clock ticks a second in /proc. */
const TICKS = 100;

/** Runs the command line, and looks at its memory until it ends. */
function rankloom(folder: string, targets: readonly string[]): Promise<Measured> {
  const args = ['run', ...targets, '--config', join(folder, 'bench.config.json'), '--quiet'];
  const start = performance.now();
  const child = spawn(process.execPath, [join(root, 'lib/cli/main.ts'), ...args], { stdio: 'inherit' });
  let megabytes: number | null = null;
  let cpu: number | null = null;
  const look = setInterval(() => {
    const status = `/proc/${child.pid}/status`;
    const peak = existsSync(status) && /VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'));
    if (!peak) return;
    megabytes = Number(peak[1]) / 1024;
    // User and system time are the 12th and 13th number behind the name, which ends in ")".
    const numbers = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    cpu = (Number(numbers[11]) + Number(numbers[12])) / TICKS;
  }, 20);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => {
      clearInterval(look);
      if (code === 0) done({ seconds: (performance.now() - start) / 1000, megabytes, cpu });
      else fail(new Error(`rankloom ended with ${code}`));
    });
  });
}

interface Quality {
  readonly trust: number;
  readonly kept: number;
}

interface Peer {
  readonly seconds: number;
  readonly megabytes: number;
  readonly ours: Quality;
  readonly theirs: Quality;
  /** umap-learn on our neighbours, which tells what is the layout's and what the search's. */
  readonly exact: Quality;
  readonly oursTheirs: number;
  readonly theirsTheirs: number;
  readonly oursExact: number;
  readonly exactTheirs: number;
  readonly exactExact: number;
}

function python(script: string, args: readonly string[]): unknown {
  const out = execFileSync(process.env.PYTHON!, [join(import.meta.dirname, 'peers', script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(out);
}

async function bench(name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rankloom-bench-'));
  try {
    const umap = { method: 'umap', of: 'expression', dims: 5 };
    const config = (seeds: readonly number[]) => ({
      ...datasetOf(name),
      encodings: { expression: { kind: 'lognorm' } },
      embeddings: Object.fromEntries(seeds.map((seed) => [`seed${seed}`, { ...umap, seed }])),
      measures: { umap: { of: 'seed0', metric: 'euclidean' } },
      compare: [],
    });
    const write = (seeds: readonly number[]) =>
      writeFileSync(join(folder, 'bench.config.json'), JSON.stringify(config(seeds)));
    write([0]);
    await rankloom(folder, ['encode']);
    const ours = await rankloom(folder, ['embed']);
    const { seconds: own, cpu, megabytes: most } = ours;
    console.log(
      `${name}: ${own.toFixed(1)} s (of the processors ${cpu?.toFixed(1)}), ${most?.toFixed(0)} MB`,
    );
    if (process.env.PYTHON === undefined) return;

    write(SEEDS);
    await rankloom(folder, ['embed']);
    const latest = join(folder, 'artifacts', 'latest');
    const matrix = join(latest, 'encoded', 'expression.arrow');
    const fitted = SEEDS.map((seed) => join(folder, `theirs${seed}.npy`));
    const fits = SEEDS.map(
      (seed, i) => python('umap_learn.py', [matrix, fitted[i], String(seed)]) as Measured,
    );
    const neighbors = join(latest, 'neighbors', 'expression-euclidean-15.arrow');
    const onOurs = SEEDS.map((seed) => join(folder, `exact${seed}.npy`));
    const fitsOnOurs = SEEDS.map(
      (seed, i) => python('umap_learn.py', [matrix, onOurs[i], String(seed), neighbors]) as Measured,
    );
    const laidOut = SEEDS.map((seed) => join(latest, 'embeddings', `seed${seed}.arrow`));
    const quality = python('layout_quality.py', [matrix, ...laidOut, ...fitted, ...onOurs]) as Omit<
      Peer,
      keyof Measured
    >;
    const [seconds, unsearched] = [fits, fitsOnOurs].map(
      (all) => all.map((fit) => fit.seconds).sort((a, b) => a - b)[1],
    );
    const megabytes = Math.max(...fits.map((fit) => fit.megabytes!));
    const { ours: we, theirs, exact } = quality;
    const [oursTheirs, theirsTheirs, oursExact, exactTheirs, exactExact] = [
      quality.oursTheirs,
      quality.theirsTheirs,
      quality.oursExact,
      quality.exactTheirs,
      quality.exactExact,
    ].map((rho) => rho.toFixed(4));
    console.log(
      [
        `  umap-learn ${seconds.toFixed(1)} s (without its search ${unsearched.toFixed(1)}), ${megabytes.toFixed(0)} MB: ours takes 1/${(seconds / ours.seconds).toFixed(2)} of the time`,
        `  trustworthiness ${we.trust.toFixed(4)}, theirs ${theirs.trust.toFixed(4)}, theirs on our neighbours ${exact.trust.toFixed(4)}`,
        `  neighbours kept ${we.kept.toFixed(4)}, theirs ${theirs.kept.toFixed(4)}, theirs on our neighbours ${exact.kept.toFixed(4)}`,
        `  distances between types, Spearman: ours–theirs ${oursTheirs}, theirs–theirs ${theirsTheirs}`,
        `    with theirs on our neighbours: ours ${oursExact}, theirs ${exactTheirs}, itself ${exactExact}`,
      ].join('\n'),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const asked = process.argv.slice(2);
const present = ['simulated', ...FILES.filter((name) => existsSync(join(shared, `${name}.h5ad`)))];
console.log(`${cpus().length} cores, ${cpus()[0].model}; Node ${process.version}`);
for (const name of asked.length > 0 ? asked : present) await bench(name);
