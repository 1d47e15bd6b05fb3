/** Stage that computes the joint histogram of two measures over all pairs of cells, and their agreement. */
import { parquet } from '../lib/data/kinds/parquet.ts';
import { requireSameCells } from '../lib/data/kinds/same-cells.ts';
import { columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import {
  type Distribution,
  measurePairsTable,
  pairAgreementTable,
  pairHistogramTable,
} from '../lib/data/results/tables.ts';
import { spaceRef } from '../lib/embeddings/space-ref.ts';
import { json } from '../lib/flow/kinds/json.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { type ConfigProblem, defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import type { HexGrid } from '../lib/pairwise/joint/hexagons.ts';
import type { JointCounts } from '../lib/pairwise/joint/joint.ts';
import { JointPartDataSchema } from '../lib/pairwise/joint/part-schema.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { jointPairs } from '../lib/study/joint-pairs.ts';
import { jointSection } from '../lib/study/sections/joint.ts';

// Imported when the stage runs, since commands that only list stages do not need these modules.
const counting = () => import('../lib/pairwise/joint/index.ts');
const spaces = () => import('../lib/pairwise/spaces/index.ts');

type JointConfig = Pick<StudyConfig, 'embeddings' | 'measures' | 'joint'>;

export default defineStage({
  module: import.meta.url,
  name: 'joint',
  about: 'Counts all pairs of cells by two measures at once, and how far both order the types alike.',
  config: jointSection,
  check: checkPairs,
  references: { joint: { keys: ['measures'], names: (pair: readonly string[]) => pair } },
  each: (config: JointConfig) => jointPairs(config).map(({ instance }) => instance),
  params(config, instance) {
    const { x, y } = pairOf(config, instance);
    const { measures } = config;
    return { metrics: { x: measures[x].metric, y: measures[y].metric } };
  },
  inputs(config, instance) {
    const { x, y } = pairOf(config, instance);
    const rowsOf = (measure: string) => spaceRef(config, config.measures[measure].of);
    const distributionOf = (name: string) => from(`similarity[${name}].distribution`, json<Distribution>());
    const pairsOf = (name: string) => from(`similarity[${name}].pairs`, parquet(measurePairsTable));
    return {
      x: rowsOf(x),
      y: rowsOf(y),
      x_distribution: distributionOf(x),
      y_distribution: distributionOf(y),
      x_pairs: pairsOf(x),
      y_pairs: pairsOf(y),
      sample: from('subset.sample', table(columnsOf(sampleTable, 'cell_id', 'label'))),
    };
  },
  needs: {
    memory({ role, bytes: { sample, x_pairs, y_pairs }, partBytes }) {
      if (role === 'part') return 96 * MB;
      if (role === 'plan') return 48 * MB + 16 * sample;
      return 64 * MB + 8 * (x_pairs + y_pairs) + 4 * partBytes;
    },
    // Rows of both measures.
    shared: ({ bytes: { x, y } }) => 3.2 * (x + y),
  },
  outputs: {
    histogram: output(parquet(pairHistogramTable)),
    agreement: output(parquet(pairAgreementTable)),
  },

  parts: {
    outputs: { counts: output(json<JointCounts>()) },
    data: JointPartDataSchema,
    async plan({ inputs }) {
      const grid = await gridOf(inputs);
      if (grid === undefined) return [];
      const { label } = await inputs.sample.read();
      const { planJoint } = await counting();
      return planJoint(label.length).map((portion) => ({
        name: `${portion.from}-${portion.to}`,
        data: { grid, portion },
        cost: portion.pairs,
        inputs: ['x', 'y', 'sample'],
      }));
    },
    async run({ params: { metrics }, inputs, outputs, part, progress, keep, shared }) {
      const { grid, portion } = part;
      const { countJoint, labelCodes } = await counting();
      const { openSpace, sharedSpace } = await spaces();
      const sample = await keep('sample', () => inputs.sample.read());
      const open = (slot: 'x' | 'y') =>
        sharedSpace({ keep, shared }, slot, async () => {
          await requireSameCells(inputs[slot], sample.cell_id);
          return openSpace(inputs[slot], metrics[slot]);
        });
      const x = await open('x');
      const y = await open('y');
      const codes = await keep('codes', async () => labelCodes(sample.label));
      await outputs.counts.write(await countJoint(x, y, codes, portion, grid, progress));
    },
  },

  async run({ inputs, outputs, rounds }) {
    const { agreementColumns, agreementOf, histogramColumns, JointSums } = await counting();
    const sums = new JointSums();
    for (const { counts } of rounds[0]) sums.add(await counts.read());
    await outputs.histogram.write(histogramColumns(sums.result(), await gridOf(inputs)));
    const [x, y] = [await inputs.x_pairs.read(), await inputs.y_pairs.read()];
    await outputs.agreement.write(agreementColumns(agreementOf(x, y)));
  },
});

function pairOf(config: JointConfig, instance: string) {
  return jointPairs(config).find((pair) => pair.instance === instance)!;
}

/** Checks pairs of measures: both must exist and differ, and no pair may occur twice. */
function checkPairs({ measures, joint }: JointConfig): ConfigProblem[] {
  const known = Object.keys(measures);
  const problems: ConfigProblem[] = [];
  for (const [i, pair] of joint.entries()) {
    for (const [side, name] of pair.entries()) {
      if (Object.hasOwn(measures, name)) continue;
      problems.push({ path: ['joint', i, side], message: `unknown measure "${name}"`, known });
    }
    if (pair[0] === pair[1]) {
      problems.push({ path: ['joint', i], message: `"${pair[0]}" is paired with itself` });
    }
    const first = joint.findIndex(([x, y]) => x === pair[0] && y === pair[1]);
    if (first < i) {
      problems.push({ path: ['joint', i], message: `the pair ${pair.join(' and ')} is there already` });
    }
  }
  return problems;
}

type DistributionInput = { read(): Promise<Distribution> };

/** Returns the grid from the least to the largest values; undefined if a measure has no value, so that nothing is counted. */
async function gridOf(inputs: {
  readonly x_distribution: DistributionInput;
  readonly y_distribution: DistributionInput;
}): Promise<HexGrid | undefined> {
  const x = rangeOf(await inputs.x_distribution.read());
  const y = rangeOf(await inputs.y_distribution.read());
  if (x === undefined || y === undefined) return undefined;
  return (await counting()).hexGrid(x, y);
}

/** Range of the values of a measure; undefined if it has none. */
function rangeOf({ within, between }: Distribution): { min: number; max: number } | undefined {
  const ends = [within.min, within.max, between.min, between.max].filter((end) => end !== null);
  return ends.length === 0 ? undefined : { min: Math.min(...ends), max: Math.max(...ends) };
}
