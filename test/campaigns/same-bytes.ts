/**
 * Whether neighbours, principal components and layouts have the same bytes for any number of workers and on other versions
 * of Node.
 *
 *     node test/campaigns/same-bytes.ts [node …]
 *
 * Runs a study of 2,500 simulated cells with embeddings of every kind with 1, 2, 3 and 7 workers on this Node, and with 2 on
 * each Node given by path, and compares all that is published. Ends with 1 if a file differs. About ten seconds a run.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', 'lib', 'cli', 'main.ts');
const umap = { method: 'umap', of: 'expression', epochs: 100 };
const config = {
  dataset: { source: 'simulated', cells: 2500, genes: 500 },
  subset: { minGenes: null, minCellsPerType: null, cellsPerType: null },
  hvg: { flavor: 'none' },
  encodings: { expression: { kind: 'lognorm' }, rank: { kind: 'rank' } },
  neighbors: { exactUpTo: null as number | null },
  embeddings: {
    pca: { method: 'pca', of: 'expression', dims: 20 },
    spectral: { ...umap, dims: 5, companion2d: true },
    components: { ...umap, init: 'pca', neighbors: 10 },
    ofComponents: { ...umap, of: 'pca', metric: 'cosine', dims: 3 },
    ofRanks: { ...umap, of: 'rank', metric: 'spearman', dims: 7 },
    placed: { ...umap, fitCells: 800 },
    library: { ...umap, engine: 'umap-js' },
  },
  measures: { umap: { of: 'spectral', metric: 'euclidean' } },
  compare: [],
};

/** Hashes of all published files by name. */
function outputsOf(node: string, workers: number, exactUpTo: number | null): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'rankloom-bytes-'));
  try {
    const path = join(folder, 'study.config.json');
    writeFileSync(path, JSON.stringify({ ...config, neighbors: { exactUpTo } }));
    const args = [main, 'run', 'embed', '--config', path, '--workers', String(workers), '--quiet'];
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
for (const exactUpTo of [null, 1000]) {
  const expected = outputsOf(process.execPath, 1, exactUpTo);
  console.log(`exactUpTo: ${exactUpTo}; ${expected.size} files of 1 worker on ${process.version}`);
  const others = [2, 3, 7].map((workers) => [process.execPath, workers] as const);
  for (const [node, workers] of [...others, ...process.argv.slice(2).map((path) => [path, 2] as const)]) {
    const found = outputsOf(node, workers, exactUpTo);
    const different = [...expected].filter(([name, hash]) => found.get(name) !== hash).map(([name]) => name);
    const verdict = different.length === 0 ? 'the same' : `differ: ${different.join(', ')}`;
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    console.log(`  ${workers} workers on ${version}: ${verdict}`);
    if (different.length > 0 || found.size !== expected.size) isSame = false;
  }
}
process.exitCode = isSame ? 0 : 1;
