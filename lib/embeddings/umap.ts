/** UMAP layouts: rankloom's own implementation, on all cores, and that of umap-js. */
import { z } from 'zod';
import { neighbors } from '../data/kinds/neighbors.ts';
import { requireSameIds } from '../data/kinds/same-cells.ts';
import { from } from '../flow/stage.ts';
import { MB } from '../flow/text/byte-units.ts';
import { neighborsInstance } from '../neighbors/neighbors-name.ts';
import { METRICS } from '../pairwise/spaces/metric.ts';
import { type Coordinates, defineEmbedding, type OptionProblem } from './method.ts';
import { spaceRef } from './space-ref.ts';

const options = {
  /** Encoding or other embedding whose rows are laid out. */
  of: z.string().min(1),
  dims: z.int().min(1).max(1000).default(2),
  /** Number of neighbours of a cell, the cell itself counted (umap-learn's n_neighbors). */
  neighbors: z.int().min(2).max(1000).default(15),
  metric: z.enum(METRICS).default('euclidean'),
  /** Minimum distance of points of the layout, at most `spread`. */
  minDist: z.number().min(0).default(0.1),
  spread: z.number().positive().default(1),
  /** Number of rounds of gradient descent; null: 500 up to 10,000 cells, 200 above. */
  epochs: z.int().min(1).nullable().default(null),
  /** Implementation. rankloom: umap-learn's algorithm on all cores; umap-js: that library, on one core. */
  engine: z.enum(['rankloom', 'umap-js']).default('rankloom'),
  /** Initial positions: spectrum of the graph, principal components, or random. umap-js: always random. */
  init: z.enum(['spectral', 'pca', 'random']).default('spectral'),
  /** Number of points drawn to repel, for each sample of an edge. */
  negativeSamples: z.int().min(0).max(100).default(5),
  /** Mix of union and intersection. 1: cells are joined if either has the other as a neighbour; 0: only if both do. */
  setOpMixRatio: z.number().min(0).max(1).default(1),
  /** Number of nearest neighbours that a cell is fully connected to. */
  localConnectivity: z.number().min(0).max(1000).default(1),
  /** Strength of repulsion. */
  repulsion: z.number().min(0).max(1000).default(1),
  /** Whether to compute an additional layout in two dimensions, from the same graph, for figures. */
  companion2d: z.boolean().default(false),
  /** Number of cells, drawn at random, that the layout is fitted to; the others are placed in it. null: all cells. */
  fitCells: z.int().min(2).nullable().default(null),
  /** Seed, combined with the seed of the run: another number gives a replicate, another layout of the same cells. */
  seed: z.int().default(0),
};

type Options = z.output<z.ZodObject<typeof options>>;

type UmapJsParams = Pick<Options, 'dims' | 'minDist' | 'spread' | 'epochs' | 'seed'> & { engine: 'umap-js' };
type RankloomParams = Omit<Options, 'of' | 'neighbors' | 'metric' | 'engine' | 'fitCells'> & {
  engine: 'rankloom';
};

const hasCompanion = ({ companion2d, dims }: Pick<Options, 'companion2d' | 'dims'>) =>
  companion2d === true && dims !== 2;

export const umap = defineEmbedding({
  module: import.meta.url,
  method: 'umap',
  about: 'A UMAP layout of the graph of nearest neighbours.',
  options,
  check({ minDist, spread, companion2d, fitCells, engine }) {
    const problems: OptionProblem[] = [];
    if (minDist > spread) {
      problems.push({
        option: 'minDist',
        message: `minDist ${minDist} is above spread ${spread}: no curve fits, expected at most ${spread}`,
      });
    }
    if (companion2d && engine !== 'rankloom') {
      problems.push({
        option: 'companion2d',
        message: `${engine} makes no companion; take engine: 'rankloom', or leave companion2d out`,
      });
    }
    if (fitCells !== null && engine !== 'rankloom') {
      problems.push({
        option: 'fitCells',
        message: `${engine} places no cells in a layout; take engine: 'rankloom', or leave fitCells out`,
      });
    }
    return problems;
  },
  params({ of, neighbors, metric, engine, fitCells, ...rest }): UmapJsParams | RankloomParams {
    const { dims, minDist, spread, epochs, seed, init, negativeSamples } = rest;
    const shape = { dims, minDist, spread, epochs, seed };
    if (engine === 'umap-js') return { engine, ...shape };
    const { setOpMixRatio, localConnectivity, repulsion, companion2d } = rest;
    return {
      engine,
      ...shape,
      init,
      negativeSamples,
      setOpMixRatio,
      localConnectivity,
      repulsion,
      companion2d,
    };
  },
  inputs({ of, metric, neighbors: k, fitCells, engine, init }, config) {
    const name = neighborsInstance(of, metric, k, fitCells);
    const startsAnywhere = engine === 'umap-js' || init === 'random';
    return {
      neighbors: from(`neighbors[${name}].neighbors`, neighbors()),
      rows: startsAnywhere ? undefined : spaceRef(config, of),
    };
  },
  neighbors: ({ of, metric = 'euclidean', neighbors: k = 15, fitCells = null }) => ({
    of,
    metric,
    k,
    fitCells,
  }),
  needs: {
    // Graph with tables of its edges, and rows for centroids or components.
    memory: ({ bytes: { rows, neighbors } }) => 64 * MB + 2 * rows + 30 * neighbors,
  },
  random: true,
  cores: ({ engine }) => (engine === 'rankloom' ? 'all' : 'one'),
  hasCompanion,

  async run({ params, inputs, cellIds, random, progress, signal, team }): Promise<Coordinates> {
    const found = await inputs.neighbors.read();
    requireSameIds(found.cellIds, cellIds, 'lists of neighbours');
    const { dims, seed } = params;
    const stream = random.stream('umap', seed);
    if (params.engine === 'umap-js') {
      const { layoutByUmapJs } = await import('./umap/reference/umap-js.ts');
      const onEpoch = (done: number, total: number) => progress(done, total, 'epochs');
      return { dims, values: await layoutByUmapJs(found, params, { random: stream, onEpoch, signal }) };
    }
    const { layoutByRankloom } = await import('./umap/umap.ts');
    const { centroidDistancesOf } = await import('./umap/read-rows.ts');
    const { componentsOf } = await import('./components.ts');
    const { rows } = inputs;
    const notes: string[] = [];
    const layout = async (asked: number, own: typeof stream, note: string) =>
      layoutByRankloom(
        found,
        {
          ...params,
          dims: asked,
          centroidDistances: centroidDistancesOf(rows, cellIds),
          principalComponents:
            params.init === 'pca'
              ? await componentsOf(rows!, cellIds, asked, { progress, signal })
              : undefined,
        },
        {
          random: own,
          onEpoch: (done: number, total: number) => progress(done, total, note),
          onNote: (text: string) => void notes.push(text),
          signal,
          team,
        },
      );
    const values = await layout(dims, stream, 'epochs');
    if (!hasCompanion(params)) return { dims, values, notes };
    const companion = await layout(2, random.stream('umap 2d', seed), 'epochs in 2 dimensions');
    return { dims, values, companion, notes };
  },
});
