import { z } from 'zod';
import { type ConfigProblem, defineStage, from, output } from '../lib/flow/stage.ts';
import { embedding } from '../lib/formats/embedding.ts';
import { json } from '../lib/formats/json.ts';
import { matrix } from '../lib/formats/matrix.ts';
import { parquet } from '../lib/formats/parquet.ts';
import { type Distribution, measureCutoffsTable, measurePairsTable } from '../lib/formats/result-tables.ts';
import { table } from '../lib/formats/table.ts';
import type { EmbeddingInput, MatrixInput } from '../lib/formats/types.ts';
import { closerLook, type Look, type LookPlan, mergeLooks, planLook } from '../lib/pairwise/closer-look.ts';
import {
  ascending,
  distanceCutoffs,
  SIMILARITY_CUTOFFS,
  samplePositions,
} from '../lib/pairwise/cutoff-grid.ts';
import { describeDistribution, describeTypePairs } from '../lib/pairwise/describe.ts';
import {
  DETECTION_METRICS,
  isDetectionMetric,
  METRICS,
  type Metric,
  orientationOf,
} from '../lib/pairwise/metric.ts';
import { openSample, openSpace, spaceSize } from '../lib/pairwise/open-space.ts';
import { relationTable } from '../lib/pairwise/relation-table.ts';
import {
  cellGroups,
  countsLength,
  mergeRelations,
  packRelations,
  RelationCounts,
  type Relations,
} from '../lib/pairwise/relations.ts';
import type { Tile, TileValues } from '../lib/pairwise/space.ts';
import { mergeSurveys, type Survey, survey } from '../lib/pairwise/survey.ts';
import { planParts, planTasks } from '../lib/pairwise/tasks.ts';
import { cellTypes } from '../lib/pairwise/type-pairs.ts';

type Measure = { readonly of: string; readonly metric: Metric; readonly cutoffs?: readonly number[] };

/** What the stage sees of the config. */
interface SimilarityConfig {
  readonly measures: Readonly<Record<string, Measure>>;
  readonly encodings: Readonly<Record<string, unknown>>;
  readonly embeddings: Readonly<Record<string, unknown>>;
}

/** Tasks [from, to) of all tasks; in the first round with the cut-offs, in the second with what to look at. */
type PartData = {
  readonly from: number;
  readonly to: number;
  readonly cutoffs?: readonly number[];
  readonly look?: LookPlan;
};

const measureName = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]*$/,
    'a name is made of letters, digits, ".", "_" and "-", a letter or digit first',
  );

/**
 * Every pair of cells in one measure, reduced to what each pair of types is and how pairs within types differ from
 * pairs between them. Order statistics are exact, over all pairs: a first round of parts surveys the pairs, a
 * second one counts where the order statistics lie. So each pair is computed twice and never stored.
 */
export default defineStage({
  module: import.meta.url,
  name: 'similarity',
  about: 'Compares every pair of cells by one measure, within and between cell types.',
  config: {
    measures: z
      .record(
        measureName,
        z.strictObject({
          /** An encoding or an embedding. */
          of: z.string(),
          /** The detection metrics need an encoding. */
          metric: z.enum([...METRICS, ...DETECTION_METRICS]),
          /** Values at which pairs become relations; none for []. Absent: fitted to the measure. */
          cutoffs: z.array(z.number()).max(1000).optional(),
        }),
      )
      .prefault({
        'expression-umap': { of: 'expressionUmap', metric: 'euclidean' },
        'rank-spearman': { of: 'rank', metric: 'spearman' },
      }),
  },
  check(config: SimilarityConfig): ConfigProblem[] {
    const known = [...Object.keys(config.encodings), ...Object.keys(config.embeddings)];
    const encodings = Object.keys(config.encodings);
    return Object.entries(config.measures).flatMap(([name, { of, metric }]): ConfigProblem[] => {
      const path = ['measures', name, 'of'];
      if (!known.includes(of)) {
        return [{ path, message: `unknown encoding or embedding "${of}"`, known }];
      }
      if (isDetectionMetric(metric) && of in config.embeddings) {
        const message = `${metric} is of detected genes, and the embedding "${of}" has none: name an encoding`;
        return [{ path, message, known: encodings }];
      }
      return [];
    });
  },
  each: (config) => Object.keys(config.measures),
  params(config, instance) {
    const { metric, cutoffs } = config.measures[instance];
    return { metric, cutoffs: cutoffs && ascending(cutoffs) };
  },
  inputs(config, instance) {
    const { of } = config.measures[instance];
    const ref = of in config.embeddings ? `embed[${of}].embedding` : `encode[${of}].encoded`;
    return {
      rows: from(ref, matrix(), embedding()),
      sample: from('subset.sample', table({ label: 'utf8', batch: 'utf8?' })),
    };
  },
  outputs: {
    pairs: output(parquet(measurePairsTable)),
    cutoffs: output(parquet(measureCutoffsTable)),
    distribution: output(json<Distribution>()),
  },

  parts: {
    rounds: 2,
    outputs: {
      found: output(json<Survey | Look>()),
      /** Of the first round. */
      relations: output(json<Relations>(), { optional: true }),
    },
    async plan({ params, inputs, round, rounds }) {
      const { label } = await inputs.sample.read();
      const cutoffs =
        round === 0 ? (params.cutoffs ?? (await cutoffsOf(params.metric, inputs.rows, label))) : undefined;
      const look = round === 0 ? undefined : planLook(mergeSurveys(await readAll<Survey>(rounds[0])));
      return planParts(planTasks(cellTypes(label))).map(({ from, to, pairs }) => ({
        name: `${round === 0 ? 'survey' : 'look'}-${from}-${to}`,
        data: { from, to, cutoffs, look } satisfies PartData,
        cost: pairs,
      }));
    },
    async run({ params, inputs, outputs, part, progress, signal, keep }) {
      const { from, to, cutoffs = [], look } = part as PartData;
      const { types, groups, space } = await keep('space', async () => {
        const { label, batch } = await inputs.sample.read();
        const types = cellTypes(label);
        const groups = cellGroups(label, batch, types.order);
        return { types, groups, space: await openSpace(inputs.rows, params.metric, types.order) };
      });
      const tasks = planTasks(types).slice(from, to);
      const pairs = tasks.reduce((sum, task) => sum + task.pairs, 0);
      const options = { signal, progress: (done: number) => progress(done, pairs) };
      if (look !== undefined) {
        await outputs.found.write(closerLook(space, types, tasks, look, options));
        return;
      }
      const relations =
        cutoffs.length === 0
          ? undefined
          : new RelationCounts(orientationOf(params.metric), cutoffs, groups, space.defined);
      const visitTile = relations && ((tile: Tile, values: TileValues) => relations.add(tile, values));
      await outputs.found.write(survey(space, types, tasks, { ...options, visitTile }));
      if (relations !== undefined) await outputs.relations.write(packRelations(cutoffs, relations));
    },
  },

  async run({ params, inputs, outputs, rounds }) {
    const { label, batch } = await inputs.sample.read();
    const { names, order } = cellTypes(label);
    const found = mergeSurveys(await readAll<Survey>(rounds[0]));
    const plan = planLook(found);
    const look = mergeLooks(plan, await readAll<Look>(rounds[1]));
    await outputs.pairs.write(describeTypePairs(names, found, look));
    const space = { cells: label.length, types: names.length, ...(await spaceSize(inputs.rows)) };
    await outputs.distribution.write(describeDistribution(params.metric, space, found, look, plan.range));
    const relations = await readRelations(rounds[0]);
    const cutoffs = relations[0]?.cutoffs ?? [];
    const groups = cellGroups(label, batch, order);
    const counts = mergeRelations(relations, countsLength(cutoffs, groups));
    await outputs.cutoffs.write(relationTable(orientationOf(params.metric), cutoffs, groups, counts));
  },
});

/** The cut-offs of a measure for which the config has none. */
async function cutoffsOf(
  metric: Metric,
  rows: MatrixInput | EmbeddingInput,
  labels: readonly string[],
): Promise<readonly number[]> {
  if (orientationOf(metric) === 'similarity') return SIMILARITY_CUTOFFS;
  // By type, so that the sample has cells of all types in their shares.
  const { order } = cellTypes(labels);
  const sample = samplePositions(order.length).map((position) => order[position]);
  return distanceCutoffs(await openSample(rows, metric, sample));
}

/** What the parts of the first round say of relations, in the order of the plan; nothing if there are no cut-offs. */
async function readRelations(
  parts: readonly { relations?: { read(): Promise<Relations> } }[],
): Promise<Relations[]> {
  const found: Relations[] = [];
  for (const { relations } of parts) if (relations !== undefined) found.push(await relations.read());
  return found;
}

/** What the parts of a round found, in the order of the plan; the caller knows which round it is. */
function readAll<T extends Survey | Look>(parts: readonly { found: { read(): Promise<Survey | Look> } }[]) {
  return Promise.all(parts.map(({ found }) => found.read() as Promise<T>));
}
