/** The key `embeddings`: coordinates of the cells, by name. */
import { z } from 'zod';
import { instanceName } from '../../flow/graph/instance-name.ts';
import { METRICS } from '../../pairwise/spaces/metric.ts';

const Umap = z.strictObject({
  method: z.literal('umap'),
  /** An encoding or another embedding. */
  of: z.string().min(1),
  dims: z.int().min(1).max(1000).default(2),
  /** Neighbours of a cell, the cell itself counted (umap-learn's n_neighbors). */
  neighbors: z.int().min(2).max(1000).default(15),
  metric: z.enum(METRICS).default('euclidean'),
  /** How close together points of the layout may lie, at most `spread`. */
  minDist: z.number().min(0).default(0.1),
  spread: z.number().positive().default(1),
  /** Rounds of gradient descent; null: 500 up to 10,000 cells, 200 above. */
  epochs: z.int().min(1).nullable().default(null),
  /** rankloom: umap-learn's algorithm on all cores; umap-js: that library, on one. */
  engine: z.enum(['rankloom', 'umap-js']).default('rankloom'),
  /** Where points start: the spectrum of the graph, principal components, or anywhere. umap-js: anywhere. */
  init: z.enum(['spectral', 'pca', 'random']).default('spectral'),
  /** Points drawn to repel, for each sample of an edge. */
  negativeSamples: z.int().min(0).max(100).default(5),
  /** 1: cells are joined if either counts the other as a neighbour; 0: only if both do. */
  setOpMixRatio: z.number().min(0).max(1).default(1),
  /** How many of its nearest neighbours a cell counts as fully connected to. */
  localConnectivity: z.number().min(0).max(1000).default(1),
  /** Strength of repulsion. */
  repulsion: z.number().min(0).max(1000).default(1),
  /** A layout in two dimensions besides, from the same graph, for figures. */
  companion2d: z.boolean().default(false),
  /** The layout is fitted to so many cells, drawn at random, and the others are placed in it; null: to all. */
  fitCells: z.int().min(2).nullable().default(null),
  /** Another number gives another layout of the same cells: a replicate. Joins the seed of the run. */
  seed: z.int().default(0),
});

const Pca = z.strictObject({
  method: z.literal('pca'),
  of: z.string().min(1),
  dims: z.int().min(1).max(10_000).default(50),
});

const Imported = z.strictObject({
  method: z.literal('imported'),
  /** `obsm/NAME` of the dataset's own file, or a .npy, .csv, .tsv, .parquet or .arrow file. */
  from: z.string().min(1),
  /** Columns that are dimensions; absent: those with a common beginning and running numbers, all of an array. */
  columns: z.array(z.string().min(1)).min(1).optional(),
  /** Which row is which cell: by the ids of the file, or, of a file that has none, all cells in their order. */
  cells: z.enum(['by id', 'in order']).default('by id'),
});

const EmbeddingSchema = z.discriminatedUnion('method', [Umap, Pca, Imported]);
export type EmbeddingOptions = z.output<typeof EmbeddingSchema>;
export type UmapOptions = z.output<typeof Umap>;

export const embeddingsSection = {
  embeddings: z
    .record(instanceName, EmbeddingSchema)
    .prefault({ expressionUmap: { method: 'umap', of: 'expression', dims: 5 } }),
};
