/** Gives cells coordinates: a UMAP layout, principal components, or what another program computed. */
import { datasetFile, isSimulated } from '../lib/cells/dataset.ts';
import { alignEmbedding, importNotes, readImportedEmbedding } from '../lib/data/imports/embedding.ts';
import { embedding } from '../lib/data/kinds/embedding.ts';
import { json } from '../lib/data/kinds/json.ts';
import { neighbors } from '../lib/data/kinds/neighbors.ts';
import { requireSameIds } from '../lib/data/kinds/same-cells.ts';
import { table } from '../lib/data/kinds/table.ts';
import type { NeighborsInput, TableInput } from '../lib/data/kinds/types.ts';
import { readObsm } from '../lib/data/readers/h5ad/obsm.ts';
import { columnsOf, sampleTable, sourceCellsTable } from '../lib/data/results/cell-tables.ts';
import type { CenteredRows } from '../lib/embeddings/pca/centered-rows.ts';
import { principalComponents } from '../lib/embeddings/pca/principal-components.ts';
import { centroidDistancesOf, readCentered } from '../lib/embeddings/umap/read-rows.ts';
import { layoutByUmapJs } from '../lib/embeddings/umap/reference/umap-js.ts';
import { layoutByRankloom } from '../lib/embeddings/umap/umap.ts';
import { dataError } from '../lib/errors.ts';
import type { RandomStream } from '../lib/flow/random.ts';
import {
  type ArtifactRef,
  type ConfigProblem,
  defineStage,
  type ExternalFile,
  type FileRef,
  from,
  fromFile,
  output,
} from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { neighborsInstance } from '../lib/neighbors/neighbors-name.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import {
  type EmbeddingOptions,
  embeddingsSection,
  type UmapOptions,
} from '../lib/study/sections/embeddings.ts';
import { type SpaceRef, spaceRef } from '../lib/study/space-ref.ts';

type EmbedConfig = Pick<StudyConfig, 'dataset' | 'encodings' | 'embeddings'>;

const sampleColumns = columnsOf(sampleTable, 'cell_id', 'label');
const cellColumns = columnsOf(sourceCellsTable, 'cell_id');

type EmbedInputs = {
  sample: ArtifactRef<TableInput<typeof sampleColumns>>;
  neighbors?: ArtifactRef<NeighborsInput>;
  rows?: SpaceRef;
  source?: FileRef<ExternalFile>;
  /** All cells of the dataset, to know what rows of a file are. */
  cells?: ArtifactRef<TableInput<typeof cellColumns>>;
};

type UmapJsParams = Pick<UmapOptions, 'method' | 'dims' | 'minDist' | 'spread' | 'epochs' | 'seed'> & {
  engine: 'umap-js';
};
type RankloomParams = Omit<UmapOptions, 'of' | 'neighbors' | 'metric' | 'engine' | 'fitCells'> & {
  engine: 'rankloom';
};

/**
 * What can change the bytes, by method. Neighbours (which tell the fitted cells), metric and names of files are the
 * inputs' business.
 */
type EmbedParams =
  | UmapJsParams
  | RankloomParams
  | { method: 'pca'; dims: number }
  | { method: 'imported'; obsm?: string; cellId?: string; columns?: string[] };

const OBSM = 'obsm/';

export default defineStage({
  module: import.meta.url,
  name: 'embed',
  about: 'Gives every sampled cell coordinates: UMAP, PCA, or imported ones.',
  config: embeddingsSection,
  check: checkEmbeddings,
  references: {
    embeddings: {
      keys: ['encodings', 'embeddings'],
      names: (options: EmbeddingOptions) => (options.method === 'imported' ? [] : [options.of]),
    },
  },
  each: (config: EmbedConfig) => Object.keys(config.embeddings),
  params(config, instance): EmbedParams {
    const options = config.embeddings[instance];
    switch (options.method) {
      case 'umap': {
        const { of, neighbors, metric, engine, fitCells, ...rest } = options;
        if (engine === 'rankloom') return { engine, ...rest };
        const { method, dims, minDist, spread, epochs, seed } = rest;
        return { method, engine, dims, minDist, spread, epochs, seed };
      }
      case 'pca':
        return { method: options.method, dims: options.dims };
      case 'imported': {
        const { method, from, columns } = options;
        if (!from.startsWith(OBSM) || isSimulated(config.dataset)) return { method, columns };
        const { cellId } = config.dataset;
        return { method, obsm: from.slice(OBSM.length), cellId, columns };
      }
    }
  },
  inputs(config, instance): EmbedInputs {
    const options = config.embeddings[instance];
    const sample = from('subset.sample', table(sampleColumns));
    switch (options.method) {
      case 'umap': {
        const { of, metric, neighbors: k, fitCells } = options;
        const name = neighborsInstance(of, metric, k, fitCells);
        const found = from(`neighbors[${name}].neighbors`, neighbors());
        const startsAnywhere = options.engine === 'umap-js' || options.init === 'random';
        return { sample, neighbors: found, rows: startsAnywhere ? undefined : spaceRef(config, of) };
      }
      case 'pca':
        return { sample, rows: spaceRef(config, options.of) };
      case 'imported': {
        const isObsm = options.from.startsWith(OBSM);
        const path = isObsm ? (datasetFile(config.dataset) ?? '') : options.from;
        const cells = isObsm ? undefined : from('load.cells', table(cellColumns));
        return { sample, source: fromFile(path), cells };
      }
    }
  },
  needs: {
    memory({ params, bytes: { rows, neighbors, source, sample, cells } }) {
      switch (params.method) {
        case 'umap': // the graph, with tables of its edges, and the rows for centroids or components
          return 64 * MB + 2 * rows + 30 * neighbors;
        case 'pca':
          return 64 * MB + 2.5 * rows;
        case 'imported': // rows of the sampled cells; of a file of its own, all
          return 128 * MB + 40 * cells + (params.obsm === undefined ? 3 * source : 80 * sample);
      }
    },
  },
  outputs: {
    embedding: output(embedding(), { publish: 'embeddings/[instance].arrow' }),
    /** With `companion2d`, unless the embedding has two dimensions itself. */
    companion: output(embedding(), {
      publish: 'embeddings/[instance].2d.arrow',
      optional: (config: EmbedConfig, instance: string) => !hasCompanion(config.embeddings[instance]),
    }),
    /** What the user should know about the layout, if there is anything. */
    notes: output(json<string[]>(), { publish: 'embeddings/[instance].notes.json', optional: true }),
  },
  random: (config, instance) => config.embeddings[instance].method === 'umap',
  cores(config, instance) {
    const options = config.embeddings[instance];
    return options.method === 'umap' && options.engine === 'rankloom' ? 'all' : 'one';
  },

  async run({ params, inputs, outputs, random, progress, signal, crew }) {
    const { cell_id: cellIds, label: labels } = await inputs.sample.read();
    const write = (dims: number, values: Float32Array, slot: 'embedding' | 'companion' = 'embedding') =>
      outputs[slot].write({ cellIds, labels, dims, values });
    const components = async (dims: number): Promise<Float32Array> => {
      const rows = await readCentered(inputs.rows!, cellIds);
      requireRank(rows, dims);
      const { scores } = await principalComponents(rows, {
        dims,
        async onProgress(basis) {
          progress(0, 1, `${basis} vectors`);
          await new Promise((resolve) => setImmediate(resolve));
          signal.throwIfAborted();
        },
      });
      return scores;
    };

    switch (params.method) {
      case 'umap': {
        const found = await inputs.neighbors!.read();
        requireSameIds(found.cellIds, cellIds, 'lists of neighbours');
        const { dims, seed } = params;
        const stream = random.stream('umap', seed);
        if (params.engine === 'umap-js') {
          const onEpoch = (done: number, total: number) => progress(done, total, 'epochs');
          return write(dims, await layoutByUmapJs(found, params, { random: stream, onEpoch, signal }));
        }
        const centroidDistances = centroidDistancesOf(inputs.rows, cellIds);
        const notes: string[] = [];
        const onNote = (note: string) => void notes.push(note);
        const layout = async (asked: number, stream: RandomStream, note: string) => {
          const principal = params.init === 'pca' ? await components(asked) : undefined;
          const options = { ...params, dims: asked, centroidDistances, principalComponents: principal };
          const onEpoch = (done: number, total: number) => progress(done, total, note);
          return layoutByRankloom(found, options, { random: stream, onEpoch, onNote, signal, crew });
        };
        await write(dims, await layout(dims, stream, 'epochs'));
        if (hasCompanion(params)) {
          const plane = await layout(2, random.stream('umap 2d', seed), 'epochs in 2 dimensions');
          await write(2, plane, 'companion');
        }
        if (notes.length > 0) await outputs.notes.write(notes);
        return;
      }
      case 'pca':
        return write(params.dims, await components(params.dims));
      case 'imported': {
        const { obsm, cellId, columns } = params;
        const { path } = inputs.source!;
        const imported =
          obsm === undefined
            ? await readImportedEmbedding(path, columns)
            : await readObsm(path, obsm, { cellId, wanted: cellIds, columns });
        const all = (await inputs.cells?.read())?.cell_id ?? cellIds;
        await write(imported.dims, alignEmbedding(imported, cellIds, all));
        const told = importNotes(imported, all);
        if (told.length > 0) await outputs.notes.write(told);
        return;
      }
    }
  },
});

/** Whether a layout in two dimensions is written besides. */
function hasCompanion(options: { method: string; companion2d?: boolean; dims?: number }): boolean {
  return options.companion2d === true && options.dims !== 2;
}

/** Names that point nowhere, to themselves or in a circle, or that two things have. */
function checkEmbeddings({ dataset, encodings, embeddings }: EmbedConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const [name, options] of Object.entries(embeddings)) {
    if (Object.hasOwn(encodings, name)) {
      problems.push({
        path: ['embeddings', name],
        message: `"${name}" is the name of an encoding too; "of" could mean either`,
      });
    }
    if (options.method === 'imported') {
      if (options.from.startsWith(OBSM) && isSimulated(dataset)) {
        problems.push({
          path: ['embeddings', name, 'from'],
          message: 'simulated cells have no obsm; name a file, or set dataset.source to an .h5ad file',
        });
      }
      const lacksIds = options.from.toLowerCase().endsWith('.npy');
      if (lacksIds && options.cells !== 'in order') {
        problems.push({
          path: ['embeddings', name, 'cells'],
          message:
            "a .npy file has no cell ids: if its rows are all cells of the dataset in their order, say cells: 'in order'; else use a .csv, .parquet or .arrow file with a column cell_id",
        });
      }
      if (!lacksIds && options.cells === 'in order') {
        problems.push({
          path: ['embeddings', name, 'cells'],
          message:
            "only a .npy file is read in order; this one has cell ids, by which its rows are matched: leave 'cells' out",
        });
      }
      continue;
    }
    if (options.method === 'umap' && options.minDist > options.spread) {
      problems.push({
        path: ['embeddings', name, 'minDist'],
        message: `minDist ${options.minDist} is above spread ${options.spread}: no curve fits, expected at most ${options.spread}`,
      });
    }
    if (options.method === 'umap' && options.companion2d && options.engine !== 'rankloom') {
      problems.push({
        path: ['embeddings', name, 'companion2d'],
        message: `${options.engine} makes no companion; take engine: 'rankloom', or leave companion2d out`,
      });
    }
    if (options.method === 'umap' && options.fitCells !== null && options.engine !== 'rankloom') {
      problems.push({
        path: ['embeddings', name, 'fitCells'],
        message: `${options.engine} places no cells in a layout; take engine: 'rankloom', or leave fitCells out`,
      });
    }
    const path = ['embeddings', name, 'of'];
    const { of } = options;
    if (of === name && !Object.hasOwn(encodings, of)) {
      problems.push({ path, message: 'an embedding cannot be made of itself' });
    } else if (!Object.hasOwn(encodings, of) && !Object.hasOwn(embeddings, of)) {
      const known = [...Object.keys(encodings), ...Object.keys(embeddings)].filter((other) => other !== name);
      problems.push({ path, message: `unknown encoding or embedding "${of}"`, known });
    } else {
      const circle = circleFrom(name, embeddings);
      if (circle !== undefined) {
        problems.push({ path, message: `these embeddings are made of each other: ${circle.join(' → ')}` });
      }
    }
  }
  return problems;
}

/** The embeddings from `name` along `of` back to `name`; undefined if they do not lead back. */
function circleFrom(name: string, embeddings: EmbedConfig['embeddings']): string[] | undefined {
  const steps = [name];
  for (let i = 0; i < Object.keys(embeddings).length; i++) {
    const options = embeddings[steps[steps.length - 1]];
    if (options === undefined || options.method === 'imported') return undefined;
    steps.push(options.of);
    if (options.of === name) return steps;
  }
  return undefined;
}

function requireRank({ rows, columns }: CenteredRows, dims: number): void {
  if (dims <= Math.min(rows, columns)) return;
  throw dataError(
    `${dims} principal components are asked of ${rows} cells × ${columns} genes or dimensions`,
    {
      expected: `dims of at most ${Math.min(rows, columns)}`,
      hint: 'Lower dims of this embedding, or keep more cells and genes.',
    },
  );
}
