/** Stage that computes the k-NN purity of one measure. */
import { neighbors } from '../lib/data/kinds/neighbors.ts';
import { parquet } from '../lib/data/kinds/parquet.ts';
import { requireSameIds } from '../lib/data/kinds/same-cells.ts';
import { columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import { measurePurityTable } from '../lib/data/results/tables.ts';
import { json } from '../lib/flow/kinds/json.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { WITHOUT_VALUE } from '../lib/neighbors/exact/parts.ts';
import { neighborsInstance, purityNeighbors } from '../lib/neighbors/neighbors-name.ts';
import { neighborPurity, purityColumns } from '../lib/neighbors/purity.ts';
import { isDetectionMetric } from '../lib/pairwise/spaces/metric.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { puritySection } from '../lib/study/sections/purity.ts';

type PurityConfig = Pick<StudyConfig, 'measures' | 'purity'>;

export default defineStage({
  module: import.meta.url,
  name: 'purity',
  about: 'Counts how many of the nearest cells of each cell, by one measure, have its label and its batch.',
  config: puritySection,
  each: ({ measures, purity }: PurityConfig) => (purity.k.length === 0 ? [] : Object.keys(measures)),
  params({ measures, purity }, instance) {
    return { metric: measures[instance].metric, k: [...new Set(purity.k)].sort((a, b) => a - b) };
  },
  inputs({ measures, purity }, instance) {
    const { of, metric } = measures[instance];
    const lists = `neighbors[${neighborsInstance(of, metric, purityNeighbors(purity.k)!)}]`;
    return {
      neighbors: from(`${lists}.neighbors`, neighbors()),
      without_value: from(`${lists}.without_value`, json<number[]>()),
      sample: from('subset.sample', table(columnsOf(sampleTable, 'cell_id', 'label', 'batch'))),
    };
  },
  needs: { memory: ({ bytes: { neighbors, sample } }) => 64 * MB + 2 * neighbors + 12 * sample },
  outputs: { purity: output(parquet(measurePurityTable)) },

  async run({ params, inputs, outputs }) {
    const lists = await inputs.neighbors.read();
    const withoutValue = await inputs.without_value.read();
    const farthest = isDetectionMetric(params.metric) ? WITHOUT_VALUE : undefined;
    const sample = await inputs.sample.read();
    requireSameIds(lists.cellIds, sample.cell_id, 'lists of neighbours');
    const rows = neighborPurity(lists, withoutValue, sample, params.k, farthest);
    await outputs.purity.write(purityColumns(rows));
  },
});
