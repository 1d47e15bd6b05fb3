import { defineStage, from, output } from '../lib/flow/stage.ts';
import { embedding } from '../lib/formats/embedding.ts';
import { files } from '../lib/formats/files.ts';
import { json } from '../lib/formats/json.ts';
import { matrix } from '../lib/formats/matrix.ts';
import { neighbors } from '../lib/formats/neighbors.ts';
import type { EmbeddingInput, MatrixInput } from '../lib/formats/types.ts';
import { sharedSpace } from '../lib/pairwise/kernel-space.ts';
import type { Metric } from '../lib/pairwise/metric.ts';
import { NearestMerge, type NearestPart, nearestOfPart, nearestParts } from '../lib/pairwise/nearest.ts';
import { neighborsInstance, purityNeighbors } from '../lib/pairwise/neighbors-name.ts';
import { openSpace } from '../lib/pairwise/open-space.ts';

type Embedding = {
  readonly method: string;
  readonly of?: string;
  readonly neighbors?: number;
  readonly metric?: Metric;
};

/**
 * What the stage sees of the config: it owns none of it, and runs for the embeddings that start from neighbours and
 * for the measures, whose neighbours are counted.
 */
export interface NeighborsConfig {
  readonly embeddings: Readonly<Record<string, Embedding>>;
  readonly measures?: Readonly<Record<string, { readonly of: string; readonly metric: Metric }>>;
  readonly purity?: { readonly k: readonly number[] };
}

/** What a UMAP embedding or a measure asks for. */
interface Request {
  readonly of: string;
  readonly metric: Metric;
  readonly k: number;
}

/** All requests by name of the instance: the same request is the same instance. */
function requests(config: NeighborsConfig): Map<string, Request> {
  const found = new Map<string, Request>();
  for (const { method, of, metric = 'euclidean', neighbors: k = 15 } of Object.values(config.embeddings)) {
    if (method === 'umap' && of !== undefined) found.set(neighborsInstance(of, metric, k), { of, metric, k });
  }
  const k = purityNeighbors(config.purity?.k ?? []);
  if (k === undefined) return found;
  for (const { of, metric } of Object.values(config.measures ?? {})) {
    found.set(neighborsInstance(of, metric, k), { of, metric, k });
  }
  return found;
}

/** Exact nearest neighbours, which UMAP starts from and purity is counted on. With fewer cells than k, every cell has all cells. */
export default defineStage({
  module: import.meta.url,
  name: 'neighbors',
  about: 'Finds the exact nearest neighbours of every cell in an encoding or embedding.',
  each: (config: NeighborsConfig) => [...requests(config).keys()],
  params(config, instance) {
    const { metric, k } = requests(config).get(instance)!;
    return { metric, k };
  },
  inputs(config, instance) {
    const { of } = requests(config).get(instance)!;
    const ref = of in config.embeddings ? `embed[${of}].embedding` : `encode[${of}].encoded`;
    return { rows: from(ref, matrix(), embedding()) };
  },
  outputs: {
    neighbors: output(neighbors(), { publish: 'neighbors/[instance].arrow' }),
    /** Rows that the metric is not defined for, ascending. */
    without_value: output(json<number[]>()),
  },

  parts: {
    outputs: { nearest: output(files()) },
    async plan({ inputs }) {
      return nearestParts((await cellIdsOf(inputs.rows)).length).map(({ pairs, ...part }) => ({
        name: `rows-${part.rowStart}-${part.rowEnd}-${part.columnStart}-${part.columnEnd}`,
        data: part satisfies NearestPart,
        cost: pairs,
      }));
    },
    async run({ params, inputs, outputs, part: data, progress, signal, keep, share }) {
      const part = data as NearestPart;
      const { rowStart, rowEnd } = part;
      const open = () => openSpace(inputs.rows, params.metric);
      const space = await sharedSpace({ keep, share }, 'space', open);
      const { rows, columns } = await nearestOfPart(space, Math.min(params.k, space.rows), part, {
        signal,
        progress: (done) => progress(done, rowEnd - rowStart),
      });
      await outputs.nearest.write('part', new Uint8Array(Int32Array.of(rowStart, part.columnStart).buffer));
      for (const [name, found] of Object.entries({ rows, columns })) {
        if (found === undefined) continue;
        await outputs.nearest.write(`${name}-indices`, bytesOf(found.indices));
        await outputs.nearest.write(`${name}-distances`, bytesOf(found.distances));
      }
      // Of each block of rows once.
      if (columns === undefined) {
        await outputs.nearest.write('defined', space.defined.slice(rowStart, rowEnd));
      }
    },
  },

  async run({ params, inputs, outputs, rounds }) {
    const cellIds = await cellIdsOf(inputs.rows);
    const k = Math.min(params.k, cellIds.length);
    const merge = new NearestMerge(cellIds.length, k);
    const withoutValue: number[] = [];
    for (const { nearest } of rounds[0]) {
      const [rowStart, columnStart] = new Int32Array(await bufferOf(nearest.read('part')));
      for (const [name, first] of [
        ['rows', rowStart],
        ['columns', columnStart],
      ] as const) {
        if (name === 'columns' && rowStart === columnStart) continue;
        merge.add(first, {
          indices: new Int32Array(await bufferOf(nearest.read(`${name}-indices`))),
          distances: new Float32Array(await bufferOf(nearest.read(`${name}-distances`))),
        });
      }
      if (rowStart !== columnStart) continue;
      const defined = await nearest.read('defined');
      for (let i = 0; i < defined.length; i++) if (defined[i] === 0) withoutValue.push(rowStart + i);
    }
    const { indices, distances } = merge.result();
    await outputs.neighbors.write({ cellIds, k, indices, distances });
    await outputs.without_value.write(withoutValue);
  },
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Copied: a file's bytes need not lie where 32-bit numbers may. */
const bufferOf = async (bytes: Promise<Uint8Array>) => Uint8Array.from(await bytes).buffer;

async function cellIdsOf(rows: MatrixInput | EmbeddingInput): Promise<string[]> {
  if (rows.kind === 'embedding') return (await rows.read()).cellIds;
  const reader = await rows.open();
  try {
    return await reader.cellIds();
  } finally {
    await reader.close();
  }
}
