import { embedding } from '../lib/data/kinds/embedding.ts';
import { files } from '../lib/data/kinds/files.ts';
import { matrix } from '../lib/data/kinds/matrix.ts';
import { table } from '../lib/data/kinds/table.ts';
import type { EmbeddingInput, FilesInput, MatrixInput, TableInput } from '../lib/data/kinds/types.ts';
import { columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import { encodingCode, encodingParams, OWN_NAMES, registryModule } from '../lib/encodings/index.ts';
import { fileSlots, type GenesInput, genesSlot } from '../lib/encodings/prepare.ts';
import { type PackedLook, packLook, unpackLook } from '../lib/evaluation/fidelity/packed-refinement.ts';
import { PairSums, pairAdder } from '../lib/evaluation/fidelity/pair-sums.ts';
import { type PartUnit, UnitsSchema } from '../lib/evaluation/fidelity/part-schema.ts';
import {
  type Found,
  profileOf,
  readFound,
  readSums,
  writeFound,
  writeProfile,
} from '../lib/evaluation/fidelity/profile.ts';
import { aurocOf, planComparedLook } from '../lib/evaluation/fidelity/refinement.ts';
import {
  type ComparisonConfig,
  layoutOf,
  referenceOf,
  subjectsOf,
} from '../lib/evaluation/fidelity/subject.ts';
import type { Control, View } from '../lib/evaluation/fidelity/view.ts';
import { viewSource } from '../lib/evaluation/fidelity/view-source.ts';
import { planUnits } from '../lib/evaluation/fidelity/work.ts';
import {
  type ArtifactRef,
  type ConfigProblem,
  defineStage,
  type ExternalFile,
  type FileRef,
  from,
  output,
} from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { describeTypePairs } from '../lib/pairwise/quantiles/describe.ts';
import { mergeSurveys } from '../lib/pairwise/quantiles/merged-survey.ts';
import { MOST_LOOKS } from '../lib/pairwise/quantiles/order-statistics.ts';
import type { Survey } from '../lib/pairwise/quantiles/pass.ts';
import {
  closerLook,
  type Look,
  lookOfTasks,
  type MergedLook,
  mergeLooks,
} from '../lib/pairwise/quantiles/refinement.ts';
import { survey } from '../lib/pairwise/quantiles/survey.ts';
import { planTasks, type Task } from '../lib/pairwise/tiles/tasks.ts';
import type { CellTypes } from '../lib/pairwise/tiles/type-pairs.ts';
import { comparisonSection } from '../lib/study/sections/comparison.ts';

const sampleColumns = columnsOf(sampleTable, 'cell_id', 'label', 'total_counts');

type Rows = ArtifactRef<MatrixInput | EmbeddingInput>;
type CompareInputs = {
  sample: ArtifactRef<TableInput<typeof sampleColumns>>;
  /** Of an encoding its own, of a ceiling or floor the reference's. */
  rows?: Rows;
  /** A layout of the same neighbours by another seed. */
  second?: Rows;
  counts?: ArtifactRef<MatrixInput>;
  genes?: ArtifactRef<GenesInput>;
  [file: `file.${string}`]: FileRef<ExternalFile>;
};

/**
 * Takes one encoding, ceiling or floor apart: exact medians and separation of all pairs, what each cell and pair of
 * types adds to them, and the nearest neighbours, in one pass over the pairs for each view. `contrast` puts what all
 * of them keep side by side.
 */
export default defineStage({
  module: import.meta.url,
  name: 'compare',
  about: 'Takes one encoding apart for the comparison: its pairs, its neighbours, and what each cell adds.',
  config: comparisonSection,
  check(config: ComparisonConfig): ConfigProblem[] {
    const reference = config.comparison?.reference;
    if (reference == null || Object.hasOwn(config.encodings, reference)) return [];
    const path = ['comparison', 'reference'];
    return [{ path, message: `unknown encoding "${reference}"`, known: Object.keys(config.encodings) }];
  },
  requires(config: ComparisonConfig): Record<string, string[]> {
    const reference = referenceOf(config);
    return reference === undefined ? {} : { encodings: [reference] };
  },
  code(config: ComparisonConfig, instance) {
    const { control, views } = subjectOf(config, instance);
    return isReplicated(control, views) ? encodingCode(config.encodings[instance]) : [];
  },
  names: OWN_NAMES,
  apart: [registryModule],
  each: (config: ComparisonConfig) => subjectsOf(config).map(({ instance }) => instance),
  params(config, instance) {
    const { control, views } = subjectOf(config, instance);
    const { neighbors } = config.comparison!;
    return {
      control,
      views,
      neighbors: Math.max(0, ...neighbors),
      encoding: isReplicated(control, views) ? encodingParams(config.encodings[instance]) : null,
    };
  },
  inputs(config, instance): CompareInputs {
    const { control, views } = subjectOf(config, instance);
    const sample = from('subset.sample', table(sampleColumns));
    const encoded = (name: string): Rows => from(`encode[${name}].encoded`, matrix(), embedding());
    if (control === 'depth') return { sample };
    if (control === 'second-layout') {
      const layout = layoutOf(config)!;
      const first: Rows = from(`embed[${layout}].embedding`, matrix(), embedding());
      return { sample, rows: first, second: from('relayout.embedding', matrix(), embedding()) };
    }
    if (control !== null) return { sample, rows: encoded(referenceOf(config)!) };
    if (!isReplicated(control, views)) return { sample, rows: encoded(instance) };
    const options = config.encodings[instance];
    return {
      sample,
      rows: encoded(instance),
      counts: from('subset.counts', matrix()),
      genes: genesSlot(options),
      ...fileSlots(options),
    };
  },
  needs: {
    memory({ role, params, bytes: { sample }, partBytes }) {
      // Sums and neighbours of each cell, in the parts and in the merge.
      const cells = (16 + params.neighbors / 6) * sample;
      return role === 'part' ? 160 * MB + cells : 128 * MB + cells + Math.min(partBytes, 256 * MB);
    },
    // Views are gone through one at a time; a replicate is encoded anew from the counts.
    shared: ({ bytes: { rows, second, counts } }) => 3.2 * Math.max(rows, second, counts),
  },
  outputs: { profile: output(files()) },
  random(config, instance) {
    const { control, views } = subjectOf(config, instance);
    const drawn = control === 'split-half' || control === 'shuffled-labels' || control === 'random-order';
    return drawn || isReplicated(control, views);
  },

  parts: {
    rounds: 1 + MOST_LOOKS,
    outputs: { found: output(files()) },
    data: UnitsSchema,
    // From the types and what was found before: no rows are read here, since other parts may be under way with theirs.
    async plan({ round, rounds, ...context }) {
      const source = viewSource(context);
      const types: CellTypes[] = [];
      const looks: PackedLook[] = [];
      const tasks: Task[][] = [];
      for (const v of context.params.views.keys()) {
        types.push(await source.types(v));
        if (round === 0) continue;
        const { survey, looks: before } = await merged(v, rounds);
        looks[v] = packLook(planComparedLook(survey, before));
        tasks[v] = planTasks(types[v]);
      }
      return planUnits(types).flatMap(({ units, pairs }, i) => {
        const own = units.flatMap((unit): PartUnit[] => {
          if (round === 0) return [unit];
          const { view, from, to } = unit;
          const look = lookOfTasks(looks[view], tasks[view].slice(from, to));
          return look === undefined ? [] : [{ ...unit, look }];
        });
        if (own.length === 0) return [];
        const name = `${round === 0 ? 'survey' : 'look'}-${i}`;
        return [{ name, data: { units: own }, cost: pairs }];
      });
    },
    async run({ outputs, part, progress, signal, ...context }) {
      const source = viewSource(context);
      const { units } = part;
      for (const [i, { view, from, to, look }] of units.entries()) {
        const types = await source.types(view);
        const space = await source.space(view);
        const tasks = planTasks(types).slice(from, to);
        const pairs = tasks.reduce((sum, task) => sum + task.pairs, 0);
        const options = {
          signal,
          progress: (done: number) => progress(i * pairs + done, units.length * pairs),
        };
        if (look !== undefined) {
          const found = await closerLook(space, types, tasks, unpackLook(look), options);
          await writeFound(outputs.found, view, { found });
          continue;
        }
        const { plan, shares } = await source.guide(view);
        const sums = new PairSums(types, context.params.neighbors);
        const visitTile = pairAdder(sums, space, types, shares);
        const found = await survey(space, types, tasks, plan, { ...options, visitTile });
        // Tasks are by the type of their columns.
        const seen = { sums, types, from: tasks[0].b, to: tasks.at(-1)!.b };
        await writeFound(outputs.found, view, from === 0 ? { found, plan } : { found }, seen);
      }
    },
  },

  async run({ outputs, rounds, ...context }) {
    const source = viewSource(context);
    const { views, neighbors } = context.params;
    for (const [v, view] of views.entries()) {
      const types = await source.types(v);
      const { survey, looks } = await merged(v, rounds);
      const auroc = aurocOf(view.metric, survey, looks);
      const pairs = describeTypePairs(types.names, survey, looks);
      const sums = new PairSums(types, neighbors);
      for await (const part of readSums(rounds[0], v)) sums.merge(part);
      await writeProfile(outputs.profile, v, profileOf(view, types, auroc, pairs, sums));
    }
  },
});

function subjectOf(config: ComparisonConfig, instance: string) {
  return subjectsOf(config).find((subject) => subject.instance === instance)!;
}

/** True of an encoding that is encoded anew with other random numbers. */
const isReplicated = (control: Control | null, views: readonly View[]) =>
  control === null && views.some(({ replicate }) => replicate > 0);

/** What the rounds so far have found of a view. */
async function merged(view: number, rounds: readonly (readonly { found: FilesInput }[])[]) {
  const [surveys, ...later] = rounds;
  const first: Found<Survey> = (await readFound<Survey>(surveys, view).next()).value;
  const survey = await mergeSurveys(first.plan!, foundOf<Survey>(surveys, view));
  const looks: MergedLook[] = [];
  for (const own of later) {
    if ((await readFound<Look>(own, view).next()).done) continue;
    looks.push(await mergeLooks(planComparedLook(survey, looks), foundOf<Look>(own, view)));
  }
  return { survey, looks };
}

/** What the parts of a round found of a view, one at a time, as often as it is asked for. */
const foundOf = <T>(parts: readonly { found: FilesInput }[], view: number): AsyncIterable<T> => ({
  async *[Symbol.asyncIterator]() {
    for await (const { found } of readFound<T>(parts, view)) yield found;
  },
});
