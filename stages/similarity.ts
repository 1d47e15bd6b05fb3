import { z } from 'zod';
import { packed } from '../lib/data/kinds/packed.ts';
import { parquet } from '../lib/data/kinds/parquet.ts';
import { requireSameCells } from '../lib/data/kinds/same-cells.ts';
import type { EmbeddingInput, MatrixInput } from '../lib/data/kinds/types.ts';
import { columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import { separationRow } from '../lib/data/results/separation.ts';
import {
  type Distribution,
  measureCutoffsTable,
  measurePairsTable,
  measureSeparationTable,
} from '../lib/data/results/tables.ts';
import { isEmbedding, spaceRef } from '../lib/embeddings/space-ref.ts';
import { json } from '../lib/flow/kinds/json.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { type ConfigProblem, defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import type { CountPlan } from '../lib/pairwise/quantiles/count-plan.ts';
import type { MergedCounts } from '../lib/pairwise/quantiles/merged-counts.ts';
import type { PairCounts } from '../lib/pairwise/quantiles/pass.ts';
import {
  CountPlanSchema,
  MOST_REFINEMENTS,
  RefinementPlanSchema,
} from '../lib/pairwise/quantiles/plan-schemas.ts';
import type { MergedRefinement, Refinement, RefinementPlan } from '../lib/pairwise/quantiles/refinement.ts';
import type { Sharing } from '../lib/pairwise/spaces/kernel-space.ts';
import {
  isDetectionMetric,
  type Metric,
  metricCode,
  metricsModule,
  orientationOf,
} from '../lib/pairwise/spaces/metric.ts';
import type { Space, Tile, TileValues } from '../lib/pairwise/spaces/space.ts';
import {
  ascending,
  distanceCutoffs,
  SIMILARITY_CUTOFFS,
  samplePositions,
} from '../lib/pairwise/thresholds/cutoff-grid.ts';
import type { Relations } from '../lib/pairwise/thresholds/relations.ts';
import { planParts, planTasks, splitGroups } from '../lib/pairwise/tiles/tasks.ts';
import { cellTypes } from '../lib/pairwise/tiles/type-pairs.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { type Measure, measuresSection } from '../lib/study/sections/measures.ts';

/** Part of the config that the stage reads. */
type SimilarityConfig = Pick<StudyConfig, 'measures' | 'encodings' | 'embeddings'>;

/** Schema of a part: tasks [from, to) of all tasks, for the first pass, with cut-offs of relations, or for a refinement. */
const PartData = z.strictObject({
  from: z.int().min(0),
  to: z.int().min(0),
  plan: CountPlanSchema.optional(),
  cutoffs: z.array(z.number()).optional(),
  refinement: RefinementPlanSchema.optional(),
});

// Imported when the stage runs, since commands that only list stages do not need these modules.
const quantiles = () => import('../lib/pairwise/quantiles/index.ts');
const relations = () => import('../lib/pairwise/thresholds/relations.ts');
const spaces = () => import('../lib/pairwise/spaces/index.ts');

/** Result of a part of any round. */
type Found = PairCounts | Refinement;

/**
 * Stage that compares every pair of cells by one measure: statistics of each pair of types, and the separation of pairs
 * within types from pairs between them. Order statistics are exact, over all pairs. The plan estimates from a sample of
 * the pairs where the order statistics of all pairs will lie, so that one round of parts, the first pass, finds them. Only
 * what it leaves open (a wrong estimate, many ties) is counted in further rounds. No values are stored except the few that
 * quantiles are among.
 */
export default defineStage({
  module: import.meta.url,
  name: 'similarity',
  about: 'Compares every pair of cells by one measure, within and between cell types.',
  config: measuresSection,
  check(config: SimilarityConfig): ConfigProblem[] {
    const known = [...Object.keys(config.encodings), ...Object.keys(config.embeddings)];
    const encodings = Object.keys(config.encodings);
    return Object.entries(config.measures).flatMap(([name, { of, metric }]): ConfigProblem[] => {
      const path = ['measures', name, 'of'];
      if (!known.includes(of)) {
        return [{ path, message: `unknown encoding or embedding "${of}"`, known }];
      }
      if (isDetectionMetric(metric) && isEmbedding(config, of)) {
        const message = `${metric} is of detected genes, and the embedding "${of}" has none: name an encoding`;
        return [{ path, message, known: encodings }];
      }
      return [];
    });
  },
  references: {
    measures: { keys: ['encodings', 'embeddings'], names: ({ of }: Measure) => [of] },
  },
  code: (config, instance) => metricCode(config.measures[instance].metric),
  externals: [metricsModule],
  each: (config) => Object.keys(config.measures),
  params(config, instance) {
    const { metric, cutoffs } = config.measures[instance];
    return { metric, cutoffs: cutoffs && ascending(cutoffs) };
  },
  inputs(config, instance) {
    return {
      rows: spaceRef(config, config.measures[instance].of),
      sample: from('subset.sample', table(columnsOf(sampleTable, 'cell_id', 'label', 'batch'))),
    };
  },
  needs: {
    memory({ role, bytes: { rows, sample }, partBytes }) {
      // A part has tiles, histograms and held values; a merge has one part at a time, and values.
      if (role === 'part') return 128 * MB + 16 * sample;
      const merge = 128 * MB + 16 * sample + Math.min(partBytes, 256 * MB);
      return role === 'plan' ? merge + 3 * rows : merge;
    },
    shared: ({ bytes }) => 3.2 * bytes.rows,
  },
  outputs: {
    pairs: output(parquet(measurePairsTable)),
    cutoffs: output(parquet(measureCutoffsTable)),
    distribution: output(json<Distribution>()),
    separation: output(parquet(measureSeparationTable)),
  },

  parts: {
    rounds: 1 + MOST_REFINEMENTS,
    outputs: {
      found: output(packed<Found>()),
      /** Plan of the first pass, written by its first part only. */
      plan: output(json<CountPlan>(), { optional: true }),
      /** Counts of relations, in the first pass only. */
      relations: output(packed<Relations>(), { optional: true }),
    },
    data: PartData,
    async plan({ params, inputs, round, rounds, keep, shared }) {
      // After a round without parts, nothing is left open.
      if (round > 1 && rounds[round - 1].length === 0) return [];
      let refinement: RefinementPlan | undefined;
      if (round > 0) {
        const { planRefinement, isEmptyRefinement } = await quantiles();
        const { counted, refinements } = await merged(rounds, keep);
        refinement = planRefinement(counted, refinements);
        if (isEmptyRefinement(refinement)) return [];
      }
      const { cell_id, label, batch } = await inputs.sample.read();
      if (round === 0) await requireSameCells(inputs.rows, cell_id);
      const types = cellTypes(label);
      const tasks = planTasks(types);
      const runs = planParts(tasks, inputs.rows.kind);
      const { planCounts, refinementOfTasks } = await quantiles();
      if (refinement !== undefined) {
        const all = refinement;
        return runs.flatMap(({ from, to, pairs }) => {
          const own = refinementOfTasks(all, tasks.slice(from, to));
          if (own === undefined) return [];
          return [{ name: `refine-${from}-${to}`, data: { from, to, refinement: own }, cost: pairs }];
        });
      }
      const space = await spaceOf(inputs.rows, params.metric, types.order, { keep, shared });
      const plan = await planCounts(space, types, splitGroups(tasks, runs));
      const cutoffs = params.cutoffs ?? (await cutoffsOf(params.metric, inputs.rows, label));
      const { checkCutoffs, cellGroups } = await relations();
      if (cutoffs.length > 0) checkCutoffs(cutoffs, cellGroups(label, batch, types.order));
      return runs.map(({ from, to, pairs }) => ({
        name: `count-${from}-${to}`,
        data: { from, to, plan, cutoffs: [...cutoffs] },
        cost: pairs,
      }));
    },
    async run({ params, inputs, outputs, part, progress, signal, keep, shared }) {
      const { from, to, plan, cutoffs = [], refinement } = part;
      const types = await keep('types', async () => cellTypes((await inputs.sample.read()).label));
      const space = await spaceOf(inputs.rows, params.metric, types.order, { keep, shared });
      const tasks = planTasks(types).slice(from, to);
      const pairs = tasks.reduce((sum, task) => sum + task.pairs, 0);
      const options = { signal, progress: (done: number) => progress(done, pairs) };
      const { countPairs, refine } = await quantiles();
      if (refinement !== undefined)
        await outputs.found.write(refine(space, types, tasks, refinement, options));
      if (plan === undefined) return;
      const { cellGroups, packRelations, RelationCounts } = await relations();
      const newCounts = async () => {
        const groups = await keep('groups', async () => {
          const { label, batch } = await inputs.sample.read();
          return cellGroups(label, batch, types.order);
        });
        return RelationCounts.create(space, cutoffs, groups);
      };
      const related = cutoffs.length === 0 ? undefined : await newCounts();
      const visitTile = related && ((tile: Tile, values: TileValues) => related.add(tile, values));
      await outputs.found.write(await countPairs(space, types, tasks, plan, { ...options, visitTile }));
      if (from === 0) await outputs.plan.write(plan);
      if (related !== undefined) await outputs.relations.write(packRelations(cutoffs, related));
    },
  },

  async run({ params, inputs, outputs, rounds, keep }) {
    const { describeDistribution, describeTypePairs } = await quantiles();
    const { cellGroups, countsLength, mergeRelations } = await relations();
    const { relationTable } = await import('../lib/pairwise/thresholds/relation-table.ts');
    const { spaceSize } = await spaces();
    const { label, batch } = await inputs.sample.read();
    const { names, order } = cellTypes(label);
    const { counted, refinements } = await merged(rounds, keep);
    await outputs.pairs.write(describeTypePairs(names, counted, refinements));
    const space = { cells: label.length, types: names.length, ...(await spaceSize(inputs.rows)) };
    const distribution = describeDistribution(params.metric, space, counted, refinements);
    await outputs.distribution.write(distribution);
    await outputs.separation.write(separationRow(distribution));
    const cutoffs = (await rounds[0][0].relations?.read())?.cutoffs ?? [];
    // Without cut-offs no cell has counts.
    const groups = cutoffs.length === 0 ? { labels: new Int32Array(0) } : cellGroups(label, batch, order);
    const counts = await mergeRelations(readRelations(rounds[0]), countsLength(cutoffs, groups));
    await outputs.cutoffs.write(relationTable(orientationOf(params.metric), cutoffs, groups, counts));
  },
});

async function spaceOf(
  rows: MatrixInput | EmbeddingInput,
  metric: Metric,
  order: Int32Array,
  sharing: Sharing,
): Promise<Space> {
  const { openSpace, sharedSpace } = await spaces();
  return sharedSpace(sharing, 'space', () => openSpace(rows, metric, order));
}

/** Outputs of the parts of each round. */
type Rounds = readonly (readonly {
  found: { read(): Promise<Found> };
  plan?: { read(): Promise<CountPlan> };
}[])[];

/** Merges the results of the rounds so far; the counts are kept for later plans and the final merge. */
async function merged(rounds: Rounds, keep: Sharing['keep']) {
  const { mergeCounts, mergeRefinements, planRefinement } = await quantiles();
  const [firstParts, ...later] = rounds;
  const counted = await keep('counts', async (): Promise<MergedCounts> => {
    const plan = await firstParts[0].plan!.read();
    return mergeCounts(plan, foundBy<PairCounts>(firstParts));
  });
  const refinements: MergedRefinement[] = [];
  for (const parts of later) {
    if (parts.length > 0)
      refinements.push(
        await mergeRefinements(planRefinement(counted, refinements), foundBy<Refinement>(parts)),
      );
  }
  return { counted, refinements };
}

/** Results of the parts of a round, in the order of the plan, one at a time; the caller knows the type by the round. */
const foundBy = <T extends Found>(parts: Rounds[number]): AsyncIterable<T> => ({
  async *[Symbol.asyncIterator]() {
    for (const { found } of parts) yield (await found.read()) as T;
  },
});

/** Returns the default cut-offs of a measure. */
async function cutoffsOf(
  metric: Metric,
  rows: MatrixInput | EmbeddingInput,
  labels: readonly string[],
): Promise<readonly number[]> {
  if (orientationOf(metric) === 'similarity') return SIMILARITY_CUTOFFS;
  // Cells are ordered by type, so that the sample has cells of all types in proportion.
  const { order } = cellTypes(labels);
  const sample = samplePositions(order.length).map((position) => order[position]);
  const { openSample } = await spaces();
  return distanceCutoffs(await openSample(rows, metric, sample));
}

/** Reads the relations of the parts of the first round, one at a time; none if there are no cut-offs. */
async function* readRelations(
  parts: readonly { relations?: { read(): Promise<Relations> } }[],
): AsyncGenerator<Relations> {
  for (const { relations } of parts) if (relations !== undefined) yield await relations.read();
}
