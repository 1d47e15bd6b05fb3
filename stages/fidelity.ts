import { embedding } from '../lib/data/kinds/embedding.ts';
import { matrix } from '../lib/data/kinds/matrix.ts';
import type { EmbeddingInput, FilesInput, MatrixInput, TableInput } from '../lib/data/kinds/types.ts';
import { columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import { encodingCode, encodingParams, OWN_NAMES, registryModule } from '../lib/encodings/index.ts';
import { fileSlots, type GenesInput, genesSlot } from '../lib/encodings/prepare.ts';
import type { PackedRefinement } from '../lib/evaluation/fidelity/packed-refinement.ts';
import { type PartUnit, UnitsSchema } from '../lib/evaluation/fidelity/part-schema.ts';
import type { Found } from '../lib/evaluation/fidelity/profile.ts';
import { secondLayoutInstance } from '../lib/evaluation/fidelity/second-layout.ts';
import {
  type FidelityConfig,
  layoutOf,
  referenceOf,
  subjectsOf,
} from '../lib/evaluation/fidelity/subject.ts';
import type { Control, View } from '../lib/evaluation/fidelity/view.ts';
import { files } from '../lib/flow/kinds/files.ts';
import { table } from '../lib/flow/kinds/table.ts';
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
import type { PairCounts } from '../lib/pairwise/quantiles/pass.ts';
import { MOST_REFINEMENTS } from '../lib/pairwise/quantiles/plan-schemas.ts';
import type { MergedRefinement, Refinement } from '../lib/pairwise/quantiles/refinement.ts';
import { planTasks, type Task } from '../lib/pairwise/tiles/tasks.ts';
import type { CellTypes } from '../lib/pairwise/tiles/type-pairs.ts';
import { fidelitySection } from '../lib/study/sections/fidelity.ts';

const sampleColumns = columnsOf(sampleTable, 'cell_id', 'label', 'total_counts');

type Rows = ArtifactRef<MatrixInput | EmbeddingInput>;
type FidelityInputs = {
  sample: ArtifactRef<TableInput<typeof sampleColumns>>;
  /** Rows of an encoding, or of the reference for a ceiling or floor. */
  rows?: Rows;
  /** Layout of the same neighbours with another seed. */
  second?: Rows;
  counts?: ArtifactRef<MatrixInput>;
  genes?: ArtifactRef<GenesInput>;
  [file: `file.${string}`]: FileRef<ExternalFile>;
};

// Imported when the stage runs, since commands that only list stages do not need these modules.
const quantiles = () => import('../lib/pairwise/quantiles/index.ts');
const steps = () => import('../lib/evaluation/fidelity/steps.ts');

/**
 * Stage that profiles one encoding, ceiling or floor: exact medians and separation of all pairs, the contributions of each
 * cell and pair of types to them, and the nearest neighbours, in one pass over the pairs for each view. `summarize`
 * compares the profiles.
 */
export default defineStage({
  module: import.meta.url,
  name: 'fidelity',
  about: 'Profiles one encoding, ceiling or floor: its pairs, its neighbours, and what each cell adds.',
  config: fidelitySection,
  check(config: FidelityConfig): ConfigProblem[] {
    const reference = config.fidelity?.reference;
    if (reference == null || Object.hasOwn(config.encodings, reference)) return [];
    const path = ['fidelity', 'reference'];
    return [{ path, message: `unknown encoding "${reference}"`, known: Object.keys(config.encodings) }];
  },
  requires(config: FidelityConfig): Record<string, string[]> {
    const reference = referenceOf(config);
    return reference === undefined ? {} : { encodings: [reference] };
  },
  code(config: FidelityConfig, instance) {
    const { control, views } = subjectOf(config, instance);
    return isReplicated(control, views) ? encodingCode(config.encodings[instance]) : [];
  },
  names: OWN_NAMES,
  externals: [registryModule],
  each: (config: FidelityConfig) => subjectsOf(config).map(({ instance }) => instance),
  params(config, instance) {
    const { control, views } = subjectOf(config, instance);
    const { neighbors } = config.fidelity!;
    return {
      control,
      views,
      neighbors: Math.max(0, ...neighbors),
      encoding: isReplicated(control, views) ? encodingParams(config.encodings[instance]) : null,
    };
  },
  inputs(config, instance): FidelityInputs {
    const { control, views } = subjectOf(config, instance);
    const sample = from('subset.sample', table(sampleColumns));
    const encoded = (name: string): Rows => from(`encode[${name}].encoded`, matrix(), embedding());
    if (control === 'depth') return { sample };
    if (control === 'second-layout') {
      const layout = layoutOf(config)!;
      const first: Rows = from(`embed[${layout}].embedding`, matrix(), embedding());
      const second = `embed[${secondLayoutInstance(layout)}].embedding`;
      return { sample, rows: first, second: from(second, matrix(), embedding()) };
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
    // Views are processed one at a time; a replicate is encoded anew from the counts.
    shared: ({ bytes: { rows, second, counts } }) => 3.2 * Math.max(rows, second, counts),
  },
  outputs: { profile: output(files()) },
  // Former name of the stage, kept for the random streams of controls and replicates.
  streams: 'compare',
  random(config, instance) {
    const { control, views } = subjectOf(config, instance);
    const drawn = control === 'split-half' || control === 'shuffled-labels' || control === 'random-order';
    return drawn || isReplicated(control, views);
  },

  parts: {
    rounds: 1 + MOST_REFINEMENTS,
    outputs: { found: output(files()) },
    data: UnitsSchema,
    // The plan needs only the types and earlier results: rows are not read here, since other parts may hold theirs.
    async plan({ round, rounds, ...context }) {
      const { refinementOfTasks } = await quantiles();
      const { packRefinement, planComparedRefinement, planUnits, viewSource } = await steps();
      const source = viewSource(context);
      const types: CellTypes[] = [];
      const refinements: PackedRefinement[] = [];
      const tasks: Task[][] = [];
      for (const v of context.params.views.keys()) {
        types.push(await source.types(v));
        if (round === 0) continue;
        const { counted, refinements: before } = await merged(v, rounds);
        refinements[v] = packRefinement(planComparedRefinement(counted, before));
        tasks[v] = planTasks(types[v]);
      }
      return planUnits(types).flatMap(({ units, pairs }, i) => {
        const own = units.flatMap((unit): PartUnit[] => {
          if (round === 0) return [unit];
          const { view, from, to } = unit;
          const refinement = refinementOfTasks(refinements[view], tasks[view].slice(from, to));
          return refinement === undefined ? [] : [{ ...unit, refinement }];
        });
        if (own.length === 0) return [];
        const name = `${round === 0 ? 'count' : 'refine'}-${i}`;
        return [{ name, data: { units: own }, cost: pairs }];
      });
    },
    async run({ outputs, part, progress, signal, ...context }) {
      const { countPairs, refine } = await quantiles();
      const { PairSums, pairAdder, unpackRefinement, viewSource, writeFound } = await steps();
      const source = viewSource(context);
      const { units } = part;
      for (const [i, { view, from, to, refinement }] of units.entries()) {
        const types = await source.types(view);
        const space = await source.space(view);
        const tasks = planTasks(types).slice(from, to);
        const pairs = tasks.reduce((sum, task) => sum + task.pairs, 0);
        const options = {
          signal,
          progress: (done: number) => progress(i * pairs + done, units.length * pairs),
        };
        if (refinement !== undefined) {
          const found = await refine(space, types, tasks, unpackRefinement(refinement), options);
          await writeFound(outputs.found, view, { found });
          continue;
        }
        const { plan, shares } = await source.guide(view);
        const sums = new PairSums(types, context.params.neighbors);
        const visitTile = pairAdder(sums, space, types, shares);
        const found = await countPairs(space, types, tasks, plan, { ...options, visitTile });
        // Tasks are ordered by the type of their columns.
        const seen = { sums, types, from: tasks[0].b, to: tasks.at(-1)!.b };
        await writeFound(outputs.found, view, from === 0 ? { found, plan } : { found }, seen);
      }
    },
  },

  async run({ outputs, rounds, ...context }) {
    const { describeTypePairs } = await quantiles();
    const { aurocOf, PairSums, profileOf, readSums, viewSource, writeProfile } = await steps();
    const source = viewSource(context);
    const { views, neighbors } = context.params;
    for (const [v, view] of views.entries()) {
      const types = await source.types(v);
      const { counted, refinements } = await merged(v, rounds);
      const auroc = aurocOf(view.metric, counted, refinements);
      const pairs = describeTypePairs(types.names, counted, refinements);
      const sums = new PairSums(types, neighbors);
      for await (const part of readSums(rounds[0], v)) sums.merge(part);
      await writeProfile(outputs.profile, v, profileOf(view, types, auroc, pairs, sums));
    }
  },
});

function subjectOf(config: FidelityConfig, instance: string) {
  return subjectsOf(config).find((subject) => subject.instance === instance)!;
}

/** Whether a subject is an encoding that is encoded anew with other random numbers. */
const isReplicated = (control: Control | null, views: readonly View[]) =>
  control === null && views.some(({ replicate }) => replicate > 0);

/** Merges the results of the rounds so far for a view. */
async function merged(view: number, rounds: readonly (readonly { found: FilesInput }[])[]) {
  const { mergeCounts, mergeRefinements } = await quantiles();
  const { planComparedRefinement, readFound } = await steps();
  const [firstParts, ...later] = rounds;
  const first: Found<PairCounts> = (await readFound<PairCounts>(firstParts, view).next()).value;
  const counted = await mergeCounts(first.plan!, foundOf<PairCounts>(firstParts, view));
  const refinements: MergedRefinement[] = [];
  for (const own of later) {
    if ((await readFound<Refinement>(own, view).next()).done) continue;
    refinements.push(
      await mergeRefinements(planComparedRefinement(counted, refinements), foundOf<Refinement>(own, view)),
    );
  }
  return { counted, refinements };
}

/** Results of the parts of a round for a view, one at a time; can be iterated repeatedly. */
const foundOf = <T>(parts: readonly { found: FilesInput }[], view: number): AsyncIterable<T> => ({
  async *[Symbol.asyncIterator]() {
    const { readFound } = await steps();
    for await (const { found } of readFound<T>(parts, view)) yield found;
  },
});
