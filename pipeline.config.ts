// The study: what is compared, on which cells. Every key that is left out has a default;
// `rankloom config` prints them all and says where each value comes from.
import { defineConfig } from 'rankloom';

export default defineConfig({
  // One seed for all that is drawn at random: the sample of cells, the layout of UMAP.
  seed: 0,

  // The cells. 'simulated' makes a labelled atlas, the same on every machine, so that the study runs without
  // a download. For real cells: { source: 'atlas.h5ad', label: 'cell_type', batch: 'donor' }, where label and
  // batch are columns of obs. `rankloom inspect atlas.h5ad` shows which there are, and
  // `rankloom init my.config.ts --from atlas.h5ad` writes a config that fits.
  dataset: { source: 'simulated' },

  // Which cells and genes take part. null means no limit; all limits are inclusive.
  subset: {
    minGenes: 200, // detected genes of a cell
    minCounts: 0, // counts of a cell
    maxMitoPercent: 20, // share of a cell's counts on mitochondrial genes
    minCellsPerGene: 3, // cells in which a gene is detected
    minCellsPerType: 500, // a cell type with fewer cells is left out
    cellsPerType: 500, // cells drawn of each type
  },

  // The genes that the encodings see: 'annotated' takes the data's own selection, 'seurat' (or
  // 'cell_ranger', 'seurat_v3') selects the `top` most variable ones as scanpy does, 'none' takes all.
  hvg: { flavor: 'annotated' },

  // Ways to write down a cell. docs/config.md lists the kinds; `module` is a file of yours.
  encodings: {
    expression: { kind: 'lognorm' },
    rank: { kind: 'rank' },
  },

  // Spaces made from encodings: 'umap', 'pca', or 'imported' from the data or from a file, such as what a
  // foundation model made of the same cells.
  embeddings: {
    expressionUmap: { method: 'umap', of: 'expression', dims: 5 },
    // geneformer: { method: 'imported', from: 'obsm/X_geneformer' },
  },

  // How alike two cells are: a metric in the space of an encoding or an embedding. Every pair of cells is
  // measured. Metrics: spearman, pearson, cosine, euclidean; of detected genes: ochiai, spearman-union,
  // spearman-intersection.
  measures: {
    'expression-umap': { of: 'expressionUmap', metric: 'euclidean' },
    'rank-spearman': { of: 'rank', metric: 'spearman' },
  },

  // Pairs of measures whose joint distribution over all pairs of cells is drawn: x, then y.
  joint: [['expression-umap', 'rank-spearman']],
});
