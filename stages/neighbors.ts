/** Stage that finds the nearest neighbours of every cell: exact up to a number of cells, approximate above. */
import { z } from 'zod';
import { firstNeighbors, neighbors } from '../lib/data/kinds/neighbors.ts';
import type { JsonInput, NeighborsInput } from '../lib/data/kinds/types.ts';
import { type SpaceRef, spaceRef } from '../lib/embeddings/space-ref.ts';
import { files } from '../lib/flow/kinds/files.ts';
import { json } from '../lib/flow/kinds/json.ts';
import { type ArtifactRef, defineStage, from, output, type Part } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import type { NearestPart } from '../lib/neighbors/exact/parts.ts';
import { fittedOrder, listPlaces, neighborsAmongFitted } from '../lib/neighbors/fitted.ts';
import type { Recall } from '../lib/neighbors/method.ts';
import { chooseMethod, methodNamed, nearest } from '../lib/neighbors/nearest.ts';
import { NearestPartSchema } from '../lib/neighbors/part-schema.ts';
import { widerInstance } from '../lib/neighbors/requests.ts';
import { isDetectionMetric, metricCode, metricsModule } from '../lib/pairwise/spaces/metric.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import {
  type NeighborConsumersConfig,
  neighborRequestsModule,
  neighborRequestsOf,
} from '../lib/study/neighbor-requests.ts';
import { neighborsSection } from '../lib/study/sections/neighbors.ts';

/** Part of the config that the stage reads: its own key, and those of all consumers of neighbours. */
export type NeighborsConfig = NeighborConsumersConfig & Pick<StudyConfig, 'neighbors'>;

type NeighborsInputs = {
  rows?: SpaceRef;
  /** Neighbours of an instance with more neighbours in the same space, instead of rows. */
  wider?: ArtifactRef<NeighborsInput>;
  withoutValue?: ArtifactRef<JsonInput<number[]>>;
};

// Imported when the stage runs, since commands that only list stages do not need these modules.
const steps = () => import('../lib/neighbors/steps.ts');
const spaces = () => import('../lib/pairwise/spaces/index.ts');

/** Schema of a part: a part of a search through all pairs, or the name of a method that searches all rows on all cores. */
const PartData = z.union([z.string(), NearestPartSchema]);
type PartData = z.output<typeof PartData>;

export default defineStage({
  module: import.meta.url,
  name: 'neighbors',
  about: 'Finds the nearest neighbours of every cell in an encoding or embedding.',
  config: neighborsSection,
  code: (config: NeighborsConfig, instance) => metricCode(neighborRequestsOf(config).get(instance)!.metric),
  externals: [neighborRequestsModule, metricsModule],
  each: (config: NeighborsConfig) => [...neighborRequestsOf(config).keys()],
  params(config, instance) {
    const { metric, k, fitCells } = neighborRequestsOf(config).get(instance)!;
    const isExact = fitCells !== null || isDetectionMetric(metric);
    return { metric, k, fitCells, exactUpTo: isExact ? null : config.neighbors.exactUpTo };
  },
  inputs(config, instance): NeighborsInputs {
    const wider = widerInstance(neighborRequestsOf(config), instance);
    if (wider !== undefined) {
      return {
        wider: from(`neighbors[${wider}].neighbors`, neighbors()),
        withoutValue: from(`neighbors[${wider}].without_value`, json<number[]>()),
      };
    }
    const { of } = neighborRequestsOf(config).get(instance)!;
    return { rows: spaceRef(config, of) };
  },
  needs: {
    memory({ role, params, bytes: { rows, wider }, kinds, part, partBytes }) {
      if (role === 'plan') return 48 * MB + (kinds.rows === 'embedding' ? 4 * rows : 0);
      if (role === 'whole') return 48 * MB + rows + 4 * (partBytes + wider);
      // Lists of k neighbours, twice while they grow: of the cells of the part, or of all cells, whose number is bounded by
      // the size of the rows.
      const mostCells = rows / (kinds.rows === 'embedding' ? 28 : 1000);
      const method = methodNamed(typeof part === 'string' ? part : 'exact');
      const listed = typeof part === 'object' ? cellsOf(part) : mostCells;
      const perCell = 24 * params.k + method.bytesPerRow;
      return 72 * MB + perCell * listed + (method.usesAllCores ? 3.2 * rows : 0);
    },
    shared: ({ bytes, part }) => (typeof part === 'string' ? 0 : 3.2 * bytes.rows),
  },
  outputs: {
    neighbors: output(neighbors(), { publish: 'neighbors/[instance].arrow' }),
    /** Rows for which the metric is not defined, ascending. */
    without_value: output(json<number[]>()),
    /** Share of the exact neighbours that an approximate search found. */
    recall: output(json<Recall>(), { publish: 'neighbors/[instance].recall.json', optional: true }),
  },
  random: (config, instance) => neighborRequestsOf(config).get(instance)!.fitCells !== null,

  parts: {
    outputs: { nearest: output(files()) },
    data: PartData,
    async plan({ params, inputs }): Promise<Part<PartData>[]> {
      if (inputs.wider !== undefined) return [];
      const { factsOf, searchParts } = await steps();
      const { metric, k, fitCells, exactUpTo } = params;
      const facts = await factsOf(inputs.rows!, metric);
      const method = fitCells === null ? chooseMethod(facts, k, { exactUpTo }) : methodNamed('exact');
      if (method.usesAllCores) {
        return [{ name: method.name, data: method.name, cores: 'all' }];
      }
      return searchParts(facts.rows, fitCells).map(({ pairs, ...part }) => ({
        name: `rows-${part.rowStart}-${part.rowEnd}-${part.columnStart}-${part.columnEnd}`,
        data: part,
        cost: pairs,
      }));
    },
    async run({ params, inputs, outputs, random, part, progress, signal, keep, shared, team }) {
      const { factsOf, rowsOfInput, searchPart, writeNearest } = await steps();
      const { openSpace, sharedSpace } = await spaces();
      const rows = inputs.rows!;
      const { metric, k, fitCells } = params;
      const open = () =>
        sharedSpace({ keep, shared }, 'space', async () => {
          const { rows: cells } = await factsOf(rows, metric);
          return openSpace(rows, metric, fittedOrder(cells, fitCells, random));
        });
      if (typeof part === 'string') {
        const searched = rowsOfInput(rows, metric, open);
        const found = await nearest(searched, k, { method: part, team, signal, progress });
        return writeNearest(outputs.nearest, found);
      }
      await searchPart(await open(), params, part, outputs.nearest, { signal, progress });
    },
  },

  async run({ params, inputs, outputs, random, rounds }) {
    if (inputs.wider !== undefined) {
      await outputs.neighbors.write(firstNeighbors(await inputs.wider.read(), params.k));
      return outputs.without_value.write(await inputs.withoutValue!.read());
    }
    const { cellIdsOf, mergeParts } = await steps();
    const cellIds = await cellIdsOf(inputs.rows!);
    const cells = cellIds.length;
    const fitted = Math.min(cells, params.fitCells ?? cells);
    const places = listPlaces(params.k, params.fitCells, fitted);
    const parts = rounds[0].map(({ nearest: found }) => found);
    const { recall, withoutValue, ...found } = await mergeParts(parts, cells, places);
    const order = fittedOrder(cells, params.fitCells, random);
    const k = Math.min(params.k, fitted);
    const lists = order === undefined ? found : neighborsAmongFitted(found, order, fitted, k);
    await outputs.neighbors.write({ cellIds, k, ...lists });
    const numbers = order === undefined ? withoutValue : withoutValue.map((row) => order[row]);
    await outputs.without_value.write(numbers.toSorted((a, b) => a - b));
    if (recall !== undefined) await outputs.recall.write(recall);
  },
});

/** Upper bound of the number of cells for which a part computes lists. */
const cellsOf = ({ rowStart, rowEnd, columnStart, columnEnd }: NearestPart) =>
  rowEnd - rowStart + columnEnd - columnStart;
