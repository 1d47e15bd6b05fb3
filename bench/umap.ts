/**
 * Times UMAP from neighbours to layout through the command line, and holds its quality to umap-learn's.
 *
 *     PYTHON=python3 node bench/umap.ts [dataset …]
 *
 * Datasets: `simulated` (44,500 cells of 89 types, the 2,435 most variable of 12,000 genes), and files of ../shared/data by name; default:
 * all that are there. PYTHON has umap-learn, pyarrow, scikit-learn and scipy; without it only our own times are
 * printed. Memory is read from /proc, so on Linux only. Ours: neighbours, graph and layout in 5 dimensions, from a file to
 * a file, encoding before that not; and the whole process, with the start of the program. umap-learn's:
 * `UMAP(n_components=5).fit_transform` of the dense float32 matrix in memory, after a fit of a few rows that has it
 * compiled; and the same on our neighbours, without its search. Both in turn, once a seed; times are the middle ones.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, root, type Usage } from './helpers/command.ts';

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

/** Runs targets of the study in a folder. */
const rankloom = (folder: string, targets: readonly string[]): Promise<Usage> =>
  command(['run', ...targets, '--config', join(folder, 'bench.config.json'), '--quiet']);

/** What a fit of umap-learn took. */
interface Fit {
  readonly seconds: number;
  readonly megabytes: number;
}

interface Quality {
  readonly trust: number;
  readonly kept: number;
}

interface Comparison {
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

/** Seconds that the last run took, from its first target to its last. */
function lastWork(folder: string): number {
  const runs = join(folder, 'artifacts', 'runs');
  const events = readFileSync(join(runs, readdirSync(runs).sort().at(-1)!, 'events.ndjson'), 'utf8');
  const end = events
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; durationMs: number })
    .find(({ type }) => type === 'run-finished');
  return end!.durationMs / 1000;
}

const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >>> 1];

async function bench(name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rankloom-bench-'));
  try {
    const umap = { method: 'umap', of: 'expression', dims: 5 };
    const config = {
      ...datasetOf(name),
      encodings: { expression: { kind: 'lognorm' } },
      embeddings: Object.fromEntries(SEEDS.map((seed) => [`seed${seed}`, { ...umap, seed }])),
      measures: { umap: { of: 'seed0', metric: 'euclidean' } },
      joint: [],
    };
    writeFileSync(join(folder, 'bench.config.json'), JSON.stringify(config));
    await rankloom(folder, ['encode']);
    const hasPeer = process.env.PYTHON !== undefined;
    const latest = join(folder, 'artifacts', 'latest');
    const matrix = join(latest, 'encoded', 'expression.arrow');
    const fitted = SEEDS.map((seed) => join(folder, `theirs${seed}.npy`));
    const ours: (Usage & { work: number })[] = [];
    const fits: Fit[] = [];
    for (const [i, seed] of SEEDS.entries()) {
      const measured = await rankloom(folder, [
        `embed[seed${seed}]`,
        '--force',
        `neighbors,embed[seed${seed}]`,
      ]);
      ours.push({ ...measured, work: lastWork(folder) });
      if (hasPeer) fits.push(python('umap_learn.py', [matrix, fitted[i], String(seed)]) as Fit);
    }
    const work = middle(ours.map((run) => run.work));
    const most = Math.max(...ours.map((run) => run.megabytes ?? 0));
    console.log(
      `${name}: ${work.toFixed(1)} s (the process ${middle(ours.map((run) => run.seconds)).toFixed(1)}, processors ${middle(ours.map((run) => run.cpu ?? 0)).toFixed(1)}), ${most.toFixed(0)} MB`,
    );
    if (!hasPeer) return;

    const neighbors = join(latest, 'neighbors', 'expression-euclidean-15.arrow');
    const onOurs = SEEDS.map((seed) => join(folder, `exact${seed}.npy`));
    const fitsOnOurs = SEEDS.map(
      (seed, i) => python('umap_learn.py', [matrix, onOurs[i], String(seed), neighbors]) as Fit,
    );
    const laidOut = SEEDS.map((seed) => join(latest, 'embeddings', `seed${seed}.arrow`));
    const quality = python('layout_quality.py', [matrix, ...laidOut, ...fitted, ...onOurs]) as Comparison;
    const [seconds, unsearched] = [fits, fitsOnOurs].map((all) => middle(all.map((fit) => fit.seconds)));
    const megabytes = Math.max(...fits.map((fit) => fit.megabytes));
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
        `  umap-learn ${seconds.toFixed(1)} s (without its search ${unsearched.toFixed(1)}), ${megabytes.toFixed(0)} MB: ours gathers 1/${(seconds / work).toFixed(2)} of the time`,
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
