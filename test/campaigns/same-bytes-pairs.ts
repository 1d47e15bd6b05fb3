/**
 * Whether all that is said of pairs of cells has the same bytes for any number of workers and on other versions of Node.
 *
 *     node test/campaigns/same-bytes-pairs.ts [node …]
 *
 * Runs two simulated studies with 1, 2, 3 and 7 workers on this Node, and with 2 on each Node given by path, and compares all
 * that is published: one of 9,000 cells, whose pairs are cut into several parts, with every metric that is fast; one of
 * 1,200 cells with every metric there is. Both have relations at cut-offs, joint histograms, agreement, and the purity
 * of neighbours. Ends with 1 if a file differs. Some two minutes on two cores.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DETECTION_METRICS, METRICS } from '../../lib/pairwise/metric.ts';

const main = join(import.meta.dirname, '..', '..', 'lib', 'cli', 'main.ts');

type Measures = Record<string, { of: string; metric: string; cutoffs?: number[] }>;

/** All these metrics of the encodings, and those of coordinates of the components. */
function measuresOf(metrics: readonly string[]): Measures {
  const measures: Measures = { ranks: { of: 'rank', metric: 'spearman', cutoffs: [0.1, 0.3, 0.31, 0.5] } };
  for (const metric of metrics) measures[`expression-${metric}`] = { of: 'expression', metric };
  for (const metric of METRICS) measures[`components-${metric}`] = { of: 'components', metric };
  return measures;
}

function study(cells: number, measures: Measures) {
  return {
    dataset: { source: 'simulated', cells, genes: 300, types: 12, batches: 3, depth: 150 },
    subset: { minGenes: null, minCellsPerType: null, cellsPerType: null },
    hvg: { flavor: 'none' },
    encodings: { expression: { kind: 'lognorm' }, rank: { kind: 'rank' } },
    embeddings: { components: { method: 'pca', of: 'expression', dims: 5 } },
    measures,
    compare: Object.keys(measures)
      .slice(1)
      .map((name) => [name, 'ranks']),
    purity: { k: [5, 15] },
  };
}

const STUDIES = [
  study(9000, measuresOf([...METRICS, 'ochiai'])),
  study(1200, measuresOf([...METRICS, ...DETECTION_METRICS])),
];

/** Hashes of all published files by name. */
function outputsOf(node: string, workers: number, config: object): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'rankloom-bytes-'));
  try {
    const path = join(folder, 'study.config.json');
    writeFileSync(path, JSON.stringify(config));
    const args = [main, 'run', 'summarize', '--config', path, '--workers', String(workers), '--quiet'];
    const { status, stderr } = spawnSync(node, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${node} ended with ${status}: ${stderr}`);
    const latest = join(folder, 'artifacts', 'latest');
    const names = globSync('**/*', { cwd: latest }).filter(
      // What tells of the run itself has its time in it.
      (name) => statSync(join(latest, name)).isFile() && name !== 'run.json',
    );
    const hash = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(latest, name)))
        .digest('hex');
    return new Map(names.sort().map((name) => [name, hash(name)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let isSame = true;
for (const config of STUDIES) {
  const expected = outputsOf(process.execPath, 1, config);
  const { dataset, measures } = config;
  console.log(
    `${dataset.cells} cells, ${Object.keys(measures).length} measures: ${expected.size} files of 1 worker on ${process.version}`,
  );
  const others = [2, 3, 7].map((workers) => [process.execPath, workers] as const);
  for (const [node, workers] of [...others, ...process.argv.slice(2).map((path) => [path, 2] as const)]) {
    const found = outputsOf(node, workers, config);
    const different = [...expected].filter(([name, hash]) => found.get(name) !== hash).map(([name]) => name);
    const verdict = different.length === 0 ? 'the same' : `differ: ${different.join(', ')}`;
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    console.log(`  ${workers} workers on ${version}: ${verdict}`);
    if (different.length > 0 || found.size !== expected.size) isSame = false;
  }
}
process.exitCode = isSame ? 0 : 1;
