/** Brings what was measured together: the tables of results, with the joint histograms of compared measures. */
import { SPARSITY_BINS, sparsityHistogram } from '../lib/cells/sparsity-histogram.ts';
import { tallyTypes } from '../lib/cells/type-counts.ts';
import { json } from '../lib/data/kinds/json.ts';
import { neighbors } from '../lib/data/kinds/neighbors.ts';
import { parquet } from '../lib/data/kinds/parquet.ts';
import { requireSameCells, requireSameIds } from '../lib/data/kinds/same-cells.ts';
import { table } from '../lib/data/kinds/table.ts';
import type {
  Columns,
  JsonInput,
  NeighborsInput,
  ParquetInput,
  Schema,
  TableInput,
} from '../lib/data/kinds/types.ts';
import { cellsTable, columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import { stackTables } from '../lib/data/results/stack.ts';
import {
  agreementTable,
  cellTypesTable,
  cutoffsTable,
  type Distribution,
  jointTable,
  measureCutoffsTable,
  measurePairsTable,
  neighborPurityTable,
  separationTable,
  sparsityTable,
  typePairsTable,
} from '../lib/data/results/tables.ts';
import { type ArtifactRef, type ConfigProblem, defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { WITHOUT_VALUE } from '../lib/neighbors/nearest.ts';
import { neighborsInstance, purityNeighbors } from '../lib/neighbors/neighbors-name.ts';
import { neighborPurity, purityTable } from '../lib/neighbors/purity.ts';
import { agreementOf } from '../lib/pairwise/joint/agreement.ts';
import { type HexGrid, hexGrid } from '../lib/pairwise/joint/hexagons.ts';
import {
  countJoint,
  type JointCounts,
  JointSums,
  jointRows,
  labelCodes,
  planJoint,
} from '../lib/pairwise/joint/joint.ts';
import { JointPartDataSchema } from '../lib/pairwise/joint/part-schema.ts';
import { sharedSpace } from '../lib/pairwise/spaces/kernel-space.ts';
import { isDetectionMetric, type Metric } from '../lib/pairwise/spaces/metric.ts';
import { openSpace } from '../lib/pairwise/spaces/open-space.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { compareSection } from '../lib/study/sections/compare.ts';
import { puritySection } from '../lib/study/sections/purity.ts';
import { type SpaceRef, spaceRef } from '../lib/study/space-ref.ts';

type SummarizeConfig = Pick<StudyConfig, 'embeddings' | 'measures' | 'compare' | 'purity'>;

const cellColumns = columnsOf(cellsTable, 'label', 'sparsity', 'passing', 'sampled');
const sampleColumns = columnsOf(sampleTable, 'cell_id', 'label', 'batch', 'sparsity');

type SummarizeInputs = {
  /** Of all measures, in the order of the config. */
  pairs: ArtifactRef<ParquetInput<typeof measurePairsTable>>[];
  distributions: ArtifactRef<JsonInput<Distribution>>[];
  cutoffs: ArtifactRef<ParquetInput<typeof measureCutoffsTable>>[];
  /** Of all measures, unless no purity is asked for. */
  neighbors: ArtifactRef<NeighborsInput>[];
  without_value: ArtifactRef<JsonInput<number[]>>[];
  cells: ArtifactRef<TableInput<typeof cellColumns>>;
  sample: ArtifactRef<TableInput<typeof sampleColumns>>;
  /** The rows that the i-th compared pair of measures is made of. */
  [x: `x${number}`]: SpaceRef;
  [y: `y${number}`]: SpaceRef;
};

export default defineStage({
  module: import.meta.url,
  name: 'summarize',
  about: 'Brings the measures together: separation, joint histograms, agreement, cells per type.',
  config: { ...compareSection, ...puritySection },
  check: checkCompared,
  references: { compare: { keys: ['measures'], names: (pair: readonly string[]) => pair } },
  params: ({ measures, compare, purity }: SummarizeConfig) => ({
    measures: Object.keys(measures),
    metrics: Object.values(measures).map(({ metric }) => metric),
    purity: [...new Set(purity.k)].sort((a, b) => a - b),
    compare: compare.map(([x, y]) => ({ x, y, metrics: [measures[x].metric, measures[y].metric] as const })),
  }),
  inputs({ measures, embeddings, compare, purity }): SummarizeInputs {
    const names = Object.keys(measures);
    const rowsOf = (measure: string) => spaceRef({ embeddings }, measures[measure].of);
    const k = purityNeighbors(purity.k);
    const instances = Object.values(measures).map(({ of, metric }) => neighborsInstance(of, metric, k ?? 0));
    const counted = k === undefined ? [] : instances;
    return {
      pairs: names.map((name) => from(`similarity[${name}].pairs`, parquet(measurePairsTable))),
      distributions: names.map((name) => from(`similarity[${name}].distribution`, json<Distribution>())),
      cutoffs: names.map((name) => from(`similarity[${name}].cutoffs`, parquet(measureCutoffsTable))),
      neighbors: counted.map((name) => from(`neighbors[${name}].neighbors`, neighbors())),
      without_value: counted.map((name) => from(`neighbors[${name}].without_value`, json<number[]>())),
      cells: from('subset.cells', table(cellColumns)),
      sample: from('subset.sample', table(sampleColumns)),
      ...Object.fromEntries(compare.map(([x], i) => [`x${i}`, rowsOf(x)])),
      ...Object.fromEntries(compare.map(([, y], i) => [`y${i}`, rowsOf(y)])),
    };
  },
  needs: {
    memory({ role, bytes, partBytes }) {
      if (role === 'part') return 96 * MB;
      const { neighbors, cells, sample, pairs, cutoffs } = bytes;
      if (role === 'plan') return 48 * MB + 16 * sample;
      return 64 * MB + 2 * neighbors + 12 * (cells + sample) + 8 * (pairs + cutoffs) + 4 * partBytes;
    },
    // The rows of the two measures.
    shared: ({ bytes: { sample, ...rows } }) => 3.2 * Object.values<number>(rows).reduce((a, b) => a + b, 0),
  },
  outputs: {
    type_pairs: output(parquet(typePairsTable), { publish: 'type_pairs.parquet' }),
    separation: output(parquet(separationTable), { publish: 'separation.parquet' }),
    cutoffs: output(parquet(cutoffsTable), { publish: 'cutoffs.parquet' }),
    neighbor_purity: output(parquet(neighborPurityTable), { publish: 'neighbor_purity.parquet' }),
    joint: output(parquet(jointTable), { publish: 'joint.parquet' }),
    agreement: output(parquet(agreementTable), { publish: 'agreement.parquet' }),
    sparsity: output(parquet(sparsityTable), { publish: 'sparsity.parquet' }),
    cell_types: output(parquet(cellTypesTable), { publish: 'cell_types.parquet' }),
  },

  parts: {
    outputs: { counts: output(json<{ compared: number; grid: HexGrid; counts: JointCounts }>()) },
    data: JointPartDataSchema,
    async plan({ params, inputs }) {
      const { label } = await inputs.sample.read();
      const distributions = await Promise.all(inputs.distributions.map((one) => one.read()));
      return params.compare.flatMap(({ x, y, metrics }, compared) => {
        const [xRange, yRange] = [x, y].map((name) => rangeOf(distributions[params.measures.indexOf(name)]));
        // A measure that no pair has a value for leaves nothing to count.
        if (xRange === undefined || yRange === undefined) return [];
        const grid = hexGrid(xRange, yRange);
        const shares = planJoint(label.length);
        return shares.map((share) => ({
          name: `joint-${compared + 1}-${share.from}-${share.to}`,
          data: { compared, metrics, grid, share },
          cost: share.pairs,
          inputs: [`x${compared}`, `y${compared}`, 'sample'],
        }));
      });
    },
    async run({ inputs, outputs, part, progress, keep, share }) {
      const { compared, metrics, grid, share: own } = part;
      const sample = await keep('sample', () => inputs.sample.read());
      const open = (slot: `x${number}` | `y${number}`, metric: Metric) =>
        sharedSpace({ keep, share }, slot, async () => {
          await requireSameCells(inputs[slot], sample.cell_id);
          return openSpace(inputs[slot], metric);
        });
      const x = await open(`x${compared}`, metrics[0]);
      const y = await open(`y${compared}`, metrics[1]);
      const codes = await keep('codes', async () => labelCodes(sample.label));
      const counts = await countJoint(x, y, codes, own, grid, progress);
      await outputs.counts.write({ compared, grid, counts });
    },
  },

  async run({ params, inputs, outputs, rounds }) {
    const { measures, compare } = params;
    const pairs = await Promise.all(inputs.pairs.map((one) => one.read()));
    const distributions = await Promise.all(inputs.distributions.map((one) => one.read()));
    const cells = await inputs.cells.read();
    const sample = await inputs.sample.read();

    const ofAll = <const S extends Schema>(schema: S, tables: readonly Columns<S>[]) => {
      const named = tables.map((columns, i) => ({ name: measures[i], columns }));
      return stackTables(schema, named, 'measure');
    };
    await outputs.type_pairs.write(ofAll(measurePairsTable, pairs));
    await outputs.separation.write(separation(measures, distributions));
    const relations = await Promise.all(inputs.cutoffs.map((one) => one.read()));
    await outputs.cutoffs.write(ofAll(measureCutoffsTable, relations));
    const purities = [];
    for (const [i, { read }] of inputs.neighbors.entries()) {
      const withoutValue = await inputs.without_value[i].read();
      const farthest = isDetectionMetric(params.metrics[i]) ? WITHOUT_VALUE : undefined;
      const lists = await read();
      requireSameIds(lists.cellIds, sample.cell_id, 'lists of neighbours');
      const rows = neighborPurity(lists, withoutValue, sample, params.purity, farthest);
      purities.push({ name: measures[i], rows });
    }
    await outputs.neighbor_purity.write(purityTable(purities));
    const sums = new Map<number, { grid: HexGrid; counts: JointSums }>();
    for (const part of rounds[0]) {
      const { compared, grid, counts } = await part.counts.read();
      if (!sums.has(compared)) sums.set(compared, { grid, counts: new JointSums() });
      sums.get(compared)!.counts.add(counts);
    }
    const histograms = compare.map(({ x, y }, i) => {
      const own = sums.get(i);
      return { x, y, rows: own === undefined ? [] : jointRows(own.counts.result(), own.grid) };
    });
    await outputs.joint.write(joint(histograms));
    const agreements = compare.flatMap(({ x, y }) =>
      agreementOf(pairs[measures.indexOf(x)], pairs[measures.indexOf(y)]).map((found) => ({
        x,
        y,
        ...found,
      })),
    );
    await outputs.agreement.write({
      x_measure: agreements.map(({ x }) => x),
      y_measure: agreements.map(({ y }) => y),
      scope: agreements.map(({ scope }) => scope),
      n_points: Float64Array.from(agreements, ({ nPoints }) => nPoints),
      spearman: Float64Array.from(agreements, ({ spearman }) => spearman),
    });
    await outputs.sparsity.write(sparsity({ all: cells.sparsity, sampled: sample.sparsity }));
    await outputs.cell_types.write(tallyTypes(cells));
  },
});

/** Compared measures must exist; a pair need not be counted twice. */
function checkCompared({ measures, compare }: SummarizeConfig): ConfigProblem[] {
  const known = Object.keys(measures);
  const problems: ConfigProblem[] = [];
  for (const [i, pair] of compare.entries()) {
    for (const [side, name] of pair.entries()) {
      if (Object.hasOwn(measures, name)) continue;
      problems.push({ path: ['compare', i, side], message: `unknown measure "${name}"`, known });
    }
    if (pair[0] === pair[1]) {
      problems.push({ path: ['compare', i], message: `"${pair[0]}" is compared with itself` });
    }
    const first = compare.findIndex(([x, y]) => x === pair[0] && y === pair[1]);
    if (first < i) {
      problems.push({ path: ['compare', i], message: `${pair.join(' and ')} are compared already` });
    }
  }
  return problems;
}

/** From the least to the largest value of a measure; undefined if it has none. */
function rangeOf({ within, between }: Distribution): { min: number; max: number } | undefined {
  const ends = [within.min, within.max, between.min, between.max].filter((end) => end !== null);
  return ends.length === 0 ? undefined : { min: Math.min(...ends), max: Math.max(...ends) };
}

function separation(
  measures: readonly string[],
  distributions: readonly Distribution[],
): Columns<typeof separationTable> {
  const column = (value: (distribution: Distribution) => number | null) =>
    Float64Array.from(distributions, (distribution) => value(distribution) ?? Number.NaN);
  const range = (from: number | null, to: number | null) => (from === null || to === null ? null : to - from);
  return {
    measure: [...measures],
    n_within: column(({ within }) => within.n),
    n_between: column(({ between }) => between.n),
    median_within: column(({ within }) => within.median),
    median_between: column(({ between }) => between.median),
    auroc: column(({ auroc }) => auroc),
    cliffs_delta: column(({ cliffs_delta }) => cliffs_delta),
    iqr_within: column(({ within }) => range(within.q25, within.q75)),
    iqr_between: column(({ between }) => range(between.q25, between.q75)),
  };
}

function joint(
  histograms: readonly { x: string; y: string; rows: ReturnType<typeof jointRows> }[],
): Columns<typeof jointTable> {
  const rows = histograms.flatMap(({ x, y, rows }) => rows.map((row) => ({ ...row, measures: [x, y] })));
  return {
    x_measure: rows.map(({ measures }) => measures[0]),
    y_measure: rows.map(({ measures }) => measures[1]),
    scope: rows.map(({ scope }) => scope),
    hex_q: Int32Array.from(rows, ({ hex_q }) => hex_q),
    hex_r: Int32Array.from(rows, ({ hex_r }) => hex_r),
    x: Float64Array.from(rows, ({ x }) => x),
    y: Float64Array.from(rows, ({ y }) => y),
    step_x: Float64Array.from(rows, ({ step_x }) => step_x),
    step_y: Float64Array.from(rows, ({ step_y }) => step_y),
    pairs: Float64Array.from(rows, ({ pairs }) => pairs),
  };
}

/** Histograms of all cells of the source and of the sampled ones. */
function sparsity(shares: { all: Float64Array; sampled: Float64Array }): Columns<typeof sparsityTable> {
  const scopes = Object.entries(shares);
  const bins = Array.from({ length: SPARSITY_BINS }, (_, i) => i);
  return {
    scope: scopes.flatMap(([scope]) => bins.map(() => scope)),
    bin_start: Float64Array.from(scopes.flatMap(() => bins.map((i) => i / SPARSITY_BINS))),
    bin_end: Float64Array.from(scopes.flatMap(() => bins.map((i) => (i + 1) / SPARSITY_BINS))),
    cells: Float64Array.from(scopes.flatMap(([, values]) => Array.from(sparsityHistogram(values)))),
  };
}
