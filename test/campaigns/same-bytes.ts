/**
 * Whether neighbours, principal components and layouts have the same bytes for any number of workers and on other versions
 * of Node.
 *
 *     node test/campaigns/same-bytes.ts [node …]
 *
 * Runs a study of 9,000 simulated cells, enough for every search and solver, with embeddings of every kind with 1, 2, 3 and 7 workers on this Node, and with 2 on
 * each Node given by path, and compares all that is published. Ends with 1 if a file differs. Two minutes on two cores.
 */
import { samePublished } from './published-bytes.ts';

const umap = { method: 'umap', of: 'expression', epochs: 50 };
const config = {
  dataset: { source: 'simulated', cells: 9000, genes: 500 },
  subset: { minGenes: null, minCellsPerType: null, cellsPerType: null },
  hvg: { flavor: 'none' },
  encodings: { expression: { kind: 'lognorm' }, rank: { kind: 'rank' } },
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
  joint: [],
};

let isSame = true;
for (const exactUpTo of [null, 1000]) {
  const study = { ...config, neighbors: { exactUpTo } };
  if (!samePublished(`exactUpTo: ${exactUpTo}`, 'embed', study, process.argv.slice(2))) isSame = false;
}
process.exitCode = isSame ? 0 : 1;
