import { defineStage, from, output } from '../lib/flow/stage.ts';
import { embedding } from '../lib/formats/embedding.ts';
import { files } from '../lib/formats/files.ts';
import { json } from '../lib/formats/json.ts';
import { matrix } from '../lib/formats/matrix.ts';
import { neighbors } from '../lib/formats/neighbors.ts';
import type { EmbeddingInput, MatrixInput } from '../lib/formats/types.ts';
import type { Metric } from '../lib/pairwise/metric.ts';
import { nearestParts, nearestRows } from '../lib/pairwise/nearest.ts';
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
interface NeighborsConfig {
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

/** Rows [rowStart, rowEnd). */
type PartData = { readonly rowStart: number; readonly rowEnd: number };

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
      return nearestParts((await cellIdsOf(inputs.rows)).length).map(({ rowStart, rowEnd, pairs }) => ({
        name: `rows-${rowStart}-${rowEnd}`,
        data: { rowStart, rowEnd } satisfies PartData,
        cost: pairs,
      }));
    },
    async run({ params, inputs, outputs, part, progress, signal, keep }) {
      const { rowStart, rowEnd } = part as PartData;
      const space = await keep('space', () => openSpace(inputs.rows, params.metric));
      const { indices, distances } = nearestRows(space, Math.min(params.k, space.rows), rowStart, rowEnd, {
        signal,
        progress: (done) => progress(done, rowEnd - rowStart),
      });
      await outputs.nearest.write('indices', new Uint8Array(indices.buffer));
      await outputs.nearest.write('distances', new Uint8Array(distances.buffer));
      await outputs.nearest.write('defined', space.defined.slice(rowStart, rowEnd));
    },
  },

  async run({ params, inputs, outputs, rounds }) {
    const cellIds = await cellIdsOf(inputs.rows);
    const k = Math.min(params.k, cellIds.length);
    const indices = new Int32Array(cellIds.length * k);
    const distances = new Float32Array(cellIds.length * k);
    const withoutValue: number[] = [];
    let at = 0;
    for (const { nearest } of rounds[0]) {
      // Copied: a file's bytes need not lie where 32-bit numbers may.
      const found = new Int32Array(Uint8Array.from(await nearest.read('indices')).buffer);
      indices.set(found, at);
      distances.set(new Float32Array(Uint8Array.from(await nearest.read('distances')).buffer), at);
      const defined = await nearest.read('defined');
      for (let i = 0; i < defined.length; i++) if (defined[i] === 0) withoutValue.push(at / k + i);
      at += found.length;
    }
    await outputs.neighbors.write({ cellIds, k, indices, distances });
    await outputs.without_value.write(withoutValue);
  },
});

async function cellIdsOf(rows: MatrixInput | EmbeddingInput): Promise<string[]> {
  if (rows.kind === 'embedding') return (await rows.read()).cellIds;
  const reader = await rows.open();
  try {
    return await reader.cellIds();
  } finally {
    await reader.close();
  }
}
