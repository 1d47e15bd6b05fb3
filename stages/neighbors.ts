/** The nearest neighbours of every cell: exact ones up to a number of cells, found by descent above. */
import { z } from 'zod';
import { files } from '../lib/data/kinds/files.ts';
import { json } from '../lib/data/kinds/json.ts';
import { firstNeighbors, neighbors } from '../lib/data/kinds/neighbors.ts';
import type {
  EmbeddingInput,
  FilesInput,
  FilesOutput,
  JsonInput,
  MatrixInput,
  MatrixReader,
  NeighborsInput,
} from '../lib/data/kinds/types.ts';
import type { RandomSource } from '../lib/flow/random.ts';
import { type ArtifactRef, defineStage, from, output, type Part } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { fittedFirst, neighborsAmongFitted, othersParts } from '../lib/neighbors/fitted.ts';
import { hasLists, readLists, writeLists } from '../lib/neighbors/list-files.ts';
import {
  NearestMerge,
  type NearestPart,
  type NearestRows,
  nearestOfPart,
  nearestParts,
  withSelf,
} from '../lib/neighbors/nearest.ts';
import { neighborsInstance, purityNeighbors } from '../lib/neighbors/neighbors-name.ts';
import { MOST_ROUNDS, nearestByDescent, type Recall } from '../lib/neighbors/nn-descent/descent.ts';
import { NearestPartSchema } from '../lib/neighbors/part-schema.ts';
import { isWorthScreening, nearestByScreening } from '../lib/neighbors/prefilter/search.ts';
import { isFastTree, isWorthTree, nearestInTree } from '../lib/neighbors/tree/search.ts';
import { coordinatesOf } from '../lib/pairwise/spaces/dense-space.ts';
import { sharedSpace } from '../lib/pairwise/spaces/kernel-space.ts';
import { isDetectionMetric, type Metric, orientationOf } from '../lib/pairwise/spaces/metric.ts';
import { openSpace, rowNumbers } from '../lib/pairwise/spaces/open-space.ts';
import type { Space } from '../lib/pairwise/spaces/space.ts';
import { neighborsSection } from '../lib/study/sections/neighbors.ts';
import { type SpaceRef, spaceRef } from '../lib/study/space-ref.ts';

type Embedding = {
  readonly method: string;
  readonly of?: string;
  readonly neighbors?: number;
  readonly metric?: Metric;
  readonly fitCells?: number | null;
};

/**
 * What the stage sees of the config: it runs for the embeddings that start from neighbours and for the measures, whose
 * neighbours are counted.
 */
export interface NeighborsConfig {
  readonly neighbors: { readonly exactUpTo: number | null };
  readonly embeddings: Readonly<Record<string, Embedding>>;
  readonly measures?: Readonly<Record<string, { readonly of: string; readonly metric: Metric }>>;
  readonly purity?: { readonly k: readonly number[] };
}

/** What a UMAP embedding or a measure asks for. */
interface Request {
  readonly of: string;
  readonly metric: Metric;
  readonly k: number;
  /** Neighbours are looked for among so many cells, drawn at random; null: among all. */
  readonly fitCells: number | null;
}

/** All requests by name of the instance: the same request is the same instance. */
function requests(config: NeighborsConfig): Map<string, Request> {
  const found = new Map<string, Request>();
  const add = (request: Request) => {
    const { of, metric, k, fitCells } = request;
    found.set(neighborsInstance(of, metric, k, fitCells), request);
  };
  for (const options of Object.values(config.embeddings)) {
    const { method, of, metric = 'euclidean', neighbors: k = 15, fitCells = null } = options;
    if (method === 'umap' && of !== undefined) add({ of, metric, k, fitCells });
  }
  const k = purityNeighbors(config.purity?.k ?? []);
  if (k === undefined) return found;
  for (const { of, metric } of Object.values(config.measures ?? {})) add({ of, metric, k, fitCells: null });
  return found;
}

/**
 * The instance that holds most neighbours in the same space, if that is another one: its lists begin with those that
 * are asked for.
 */
function widerInstance(config: NeighborsConfig, instance: string): string | undefined {
  const all = requests(config);
  const { of, metric, k, fitCells } = all.get(instance)!;
  let [widest, most] = [instance, k];
  for (const [name, other] of all) {
    const isSame = other.of === of && other.metric === metric && other.fitCells === fitCells;
    if (isSame && other.k > most) [widest, most] = [name, other.k];
  }
  return widest === instance ? undefined : widest;
}

type NeighborsInputs = {
  rows?: SpaceRef;
  /** Of an instance with more neighbours in the same space, in place of rows. */
  wider?: ArtifactRef<NeighborsInput>;
  withoutValue?: ArtifactRef<JsonInput<number[]>>;
};

/** Searches that are one part, on which all cores work together: approximate, exact by two steps, and by a tree. */
const DESCENT = 'descent';
const SCREEN = 'screen';
const TREE = 'tree';

/** One of these searches, or a block of pairs. */
const PartData = z.union([z.enum([DESCENT, SCREEN, TREE]), NearestPartSchema]);
type PartData = z.output<typeof PartData>;

/** Files of a part. */
const WITHOUT_VALUE = 'without-value.json';
const RECALL = 'recall.json';

/** With fewer cells than k, every cell has all cells. */
export default defineStage({
  module: import.meta.url,
  name: 'neighbors',
  about: 'Finds the nearest neighbours of every cell in an encoding or embedding.',
  config: neighborsSection,
  each: (config: NeighborsConfig) => [...requests(config).keys()],
  params(config, instance) {
    const { metric, k, fitCells } = requests(config).get(instance)!;
    const isExact = fitCells !== null || isDetectionMetric(metric);
    return { metric, k, fitCells, exactUpTo: isExact ? null : config.neighbors.exactUpTo };
  },
  inputs(config, instance): NeighborsInputs {
    const wider = widerInstance(config, instance);
    if (wider !== undefined) {
      return {
        wider: from(`neighbors[${wider}].neighbors`, neighbors()),
        withoutValue: from(`neighbors[${wider}].without_value`, json<number[]>()),
      };
    }
    const { of } = requests(config).get(instance)!;
    return { rows: spaceRef(config, of) };
  },
  needs: {
    memory({ role, params, bytes: { rows, wider }, kinds, part, partBytes }) {
      if (role === 'plan') return 48 * MB + (kinds.rows === 'embedding' ? 4 * rows : 0);
      if (role === 'whole') return 48 * MB + rows + 4 * (partBytes + wider);
      // Lists of k neighbours, twice as they grow: of all cells, as many as so many bytes can be, or of those of the part.
      const mostCells = rows / (kinds.rows === 'embedding' ? 28 : 1000);
      const listed = typeof part === 'object' ? cellsOf(part) : mostCells;
      const perCell = 24 * params.k + (part === DESCENT ? 1300 : 150);
      return 72 * MB + perCell * listed + (typeof part === 'string' ? 3.2 * rows : 0);
    },
    shared: ({ bytes, part }) => (typeof part === 'string' ? 0 : 3.2 * bytes.rows),
  },
  outputs: {
    neighbors: output(neighbors(), { publish: 'neighbors/[instance].arrow' }),
    /** Rows that the metric is not defined for, ascending. */
    without_value: output(json<number[]>()),
    /** What share of the exact neighbours a descent found. */
    recall: output(json<Recall>(), { publish: 'neighbors/[instance].recall.json', optional: true }),
  },
  random: (config, instance) => requests(config).get(instance)!.fitCells !== null,

  parts: {
    outputs: { nearest: output(files()) },
    data: PartData,
    async plan({ params, inputs }): Promise<Part<PartData>[]> {
      if (inputs.wider !== undefined) return [];
      const { fitCells } = params;
      const { cells, whole } = await searchOf(inputs.rows!, params);
      if (whole !== undefined) return [{ name: whole, data: whole, cores: 'all' }];
      const fitted = Math.min(cells, fitCells ?? cells);
      return [...nearestParts(fitted), ...othersParts(fitted, cells)].map(({ pairs, ...part }) => ({
        name: `rows-${part.rowStart}-${part.rowEnd}-${part.columnStart}-${part.columnEnd}`,
        data: part,
        cost: pairs,
      }));
    },
    async run({ params, inputs, outputs, random, part, progress, signal, keep, share, crew }) {
      const { nearest } = outputs;
      if (part === TREE) {
        let cells = 0;
        const points = (inputs.rows as EmbeddingInput).read().then((embedding) => {
          cells = embedding.cellIds.length;
          return { values: coordinatesOf(embedding, rowNumbers(cells)), dims: embedding.dims };
        });
        const onProgress = (done: number) => progress(done, cells);
        await writeLists(nearest, 'all', 0, await nearestInTree(points, params.k, { crew, onProgress }));
        return nearest.write(WITHOUT_VALUE, '[]');
      }
      if (part === SCREEN) {
        const all = withReader(inputs.rows as MatrixInput, (reader) => reader.readAll({ shared: true }));
        const onProgress = (done: number, total: number) => progress(done, total);
        const found = await nearestByScreening(all, params.k - 1, { crew, onProgress });
        await writeLists(nearest, 'all', 0, withSelf(found, (await all).rows));
        return nearest.write(WITHOUT_VALUE, '[]');
      }
      const space = await sharedSpace({ keep, share }, 'space', async () => {
        const cells = await countCells(inputs.rows!);
        return openSpace(inputs.rows!, params.metric, orderOf(cells, params.fitCells, random));
      });
      if (part === DESCENT) {
        const { rows, defined, shared } = space;
        const isSimilarity = orientationOf(params.metric) === 'similarity';
        const searched = { kernelRows: shared!.kernelRows, rows, defined, isSimilarity };
        const found = await nearestByDescent(searched, Math.min(params.k, rows) - 1, {
          crew,
          onRound: (round) => progress(round, MOST_ROUNDS, 'rounds at most'),
        });
        await writeLists(nearest, 'all', 0, withSelf(found, rows));
        await nearest.write(RECALL, JSON.stringify(found.recall));
        return writeWithoutValue(nearest, space, 0, rows);
      }
      const { rowStart, rowEnd, columnStart, columnEnd } = part;
      const fitted = Math.min(space.rows, params.fitCells ?? space.rows);
      // The fitted cells have no neighbours among the others.
      const areOthers = columnStart >= fitted;
      const { rows, columns } = await nearestOfPart(space, listed(params, fitted), part, {
        of: areOthers ? 'columns' : 'both',
        signal,
        progress: (done) => progress(done, rowEnd - rowStart),
      });
      if (rows !== undefined) await writeLists(nearest, 'rows', rowStart, rows);
      if (columns !== undefined) await writeLists(nearest, 'columns', columnStart, columns);
      // Of each block of rows once.
      if (areOthers) await writeWithoutValue(nearest, space, columnStart, columnEnd);
      else if (columns === undefined) await writeWithoutValue(nearest, space, rowStart, rowEnd);
    },
  },

  async run({ params, inputs, outputs, random, rounds }) {
    if (inputs.wider !== undefined) {
      await outputs.neighbors.write(firstNeighbors(await inputs.wider.read(), params.k));
      return outputs.without_value.write(await inputs.withoutValue!.read());
    }
    const cellIds = await cellIdsOf(inputs.rows!);
    const cells = cellIds.length;
    const fitted = Math.min(cells, params.fitCells ?? cells);
    const order = orderOf(cells, params.fitCells, random);
    const withoutValue: number[] = [];
    let found: NearestRows | undefined;
    let merge: NearestMerge | undefined;
    for (const { nearest } of rounds[0]) {
      const names = new Set(await nearest.list());
      if (hasLists(names, 'all')) [, found] = await readLists(nearest, 'all');
      for (const side of ['rows', 'columns'] as const) {
        if (!hasLists(names, side)) continue;
        merge ??= new NearestMerge(cells, listed(params, fitted));
        merge.add(...(await readLists(nearest, side)));
      }
      if (names.has(WITHOUT_VALUE)) {
        for (const row of await readJson<number[]>(nearest, WITHOUT_VALUE)) {
          withoutValue.push(order === undefined ? row : order[row]);
        }
      }
      if (names.has(RECALL)) await outputs.recall.write(await readJson<Recall>(nearest, RECALL));
    }
    found ??= merge ?? new NearestMerge(cells, listed(params, fitted));
    const k = Math.min(params.k, fitted);
    const { indices, distances } =
      order === undefined ? found : neighborsAmongFitted(found, order, fitted, k);
    await outputs.neighbors.write({ cellIds, k, indices, distances });
    await outputs.without_value.write(withoutValue.sort((a, b) => a - b));
  },
});

/** Cells for which a part makes lists, at most. */
const cellsOf = ({ rowStart, rowEnd, columnStart, columnEnd }: NearestPart) =>
  rowEnd - rowStart + columnEnd - columnStart;

/** The rows of the space: the fitted cells first if only some are; undefined: all cells in their order. */
function orderOf(cells: number, fitCells: number | null, random: RandomSource): Int32Array | undefined {
  if (fitCells === null) return undefined;
  return fittedFirst(cells, fitCells, random.stream('fitted cells'));
}

/** Neighbours that the lists of a row have place for, itself counted. */
function listed({ k, fitCells }: Pick<Request, 'k' | 'fitCells'>, fitted: number): number {
  // A cell that is not fitted needs k besides itself.
  return Math.min(k, fitted) + (fitCells === null ? 0 : 1);
}

/**
 * How many cells there are, and the search by which all cores look for the neighbours of all of them; undefined: by
 * parts. All but the descent change how long it takes and nothing else.
 */
async function searchOf(
  rows: MatrixInput | EmbeddingInput,
  { metric, k, fitCells, exactUpTo }: Omit<Request, 'of'> & { readonly exactUpTo: number | null },
): Promise<{ cells: number; whole?: Exclude<PartData, object> }> {
  const isAll = fitCells === null;
  const isMany = (cells: number) => exactUpTo !== null && cells > exactUpTo;
  if (rows.kind === 'embedding') {
    const { cellIds, dims } = await rows.read();
    const cells = cellIds.length;
    if (isMany(cells) && !isFastTree(dims, metric)) return { cells, whole: DESCENT };
    return { cells, whole: isAll && isWorthTree(cells, dims, metric) ? TREE : undefined };
  }
  return withReader(rows, (reader) => {
    const cells = reader.rows;
    if (isMany(cells)) return { cells, whole: DESCENT };
    return { cells, whole: isAll && isWorthScreening(reader, metric, k - 1) ? SCREEN : undefined };
  });
}

async function withReader<T>(input: MatrixInput, use: (reader: MatrixReader) => T | Promise<T>): Promise<T> {
  const reader = await input.open();
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

async function writeWithoutValue(to: FilesOutput, { defined }: Space, start: number, end: number) {
  const rows: number[] = [];
  for (let row = start; row < end; row++) if (defined[row] === 0) rows.push(row);
  await to.write(WITHOUT_VALUE, JSON.stringify(rows));
}

const readJson = async <T>(from: FilesInput, name: string) =>
  JSON.parse(Buffer.from(await from.read(name)).toString()) as T;

async function countCells(rows: MatrixInput | EmbeddingInput): Promise<number> {
  if (rows.kind === 'embedding') return (await rows.read()).cellIds.length;
  return withReader(rows, (reader) => reader.rows);
}

async function cellIdsOf(rows: MatrixInput | EmbeddingInput): Promise<string[]> {
  if (rows.kind === 'embedding') return (await rows.read()).cellIds;
  return withReader(rows, (reader) => reader.cellIds());
}
