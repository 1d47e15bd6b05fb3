/** Stage that computes embeddings: coordinates of cells, by the method that the config names. */
import { embedding } from '../lib/data/kinds/embedding.ts';
import type { TableInput } from '../lib/data/kinds/types.ts';
import { columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import { checkEmbeddings } from '../lib/embeddings/check.ts';
import { methodOf, registryModule } from '../lib/embeddings/index.ts';
import { json } from '../lib/flow/kinds/json.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { type ArtifactRef, defineStage, from, type InputDeclaration, output } from '../lib/flow/stage.ts';
import { metricsModule } from '../lib/pairwise/spaces/metric.ts';
import {
  type EmbeddingsConfig,
  embeddingsOf,
  type StudyEmbedding,
  studyEmbeddingsModule,
} from '../lib/study/embeddings.ts';
import { embeddingsSection } from '../lib/study/sections/embeddings.ts';

const sampleColumns = columnsOf(sampleTable, 'cell_id', 'label');

type EmbedInputs = {
  sample: ArtifactRef<TableInput<typeof sampleColumns>>;
  /** Inputs of the method. */
  [slot: string]: InputDeclaration;
};

export default defineStage({
  module: import.meta.url,
  name: 'embed',
  about: 'Gives every sampled cell coordinates: UMAP, PCA, or imported ones.',
  config: embeddingsSection,
  check: (config: EmbeddingsConfig) => checkEmbeddings(config),
  references: {
    embeddings: {
      keys: ['encodings', 'embeddings'],
      names: ({ of }: { readonly of?: string }) => (of === undefined ? [] : [of]),
    },
  },
  code: (config: EmbeddingsConfig, instance) => [methodOf(find(config, instance).options.method).module],
  externals: [registryModule, studyEmbeddingsModule, metricsModule],
  each: (config: EmbeddingsConfig) => [...embeddingsOf(config).keys()],
  params(config, instance) {
    const { options, streams } = find(config, instance);
    const own = methodOf(options.method).params(options, config);
    return { method: options.method, ...own, ...(streams === undefined ? {} : { streams }) };
  },
  inputs(config, instance): EmbedInputs {
    const { options } = find(config, instance);
    const own = methodOf(options.method).inputs(options, config);
    return { ...own, sample: from('subset.sample', table(sampleColumns)) };
  },
  needs: { memory: (facts) => methodOf(facts.params.method).needs.memory(facts) },
  outputs: {
    embedding: output(embedding(), { publish: published('embeddings/[instance].arrow') }),
    /** Additional layout in two dimensions, of a method that computes one. */
    companion: output(embedding(), {
      publish: published('embeddings/[instance].2d.arrow'),
      optional(config: EmbeddingsConfig, instance: string) {
        const { options } = find(config, instance);
        return methodOf(options.method).hasCompanion?.(options) !== true;
      },
    }),
    /** Notes for the user about the embedding, if there are any. */
    notes: output(json<string[]>(), {
      publish: published('embeddings/[instance].notes.json'),
      optional: true,
    }),
  },
  random: (config, instance) => methodOf(find(config, instance).options.method).random === true,
  cores(config, instance) {
    const { options } = find(config, instance);
    return methodOf(options.method).cores?.(options) ?? 'one';
  },

  async run({ params, inputs, outputs, random, ...context }) {
    const { cell_id: cellIds, label: labels } = await inputs.sample.read();
    const { dims, values, companion, notes } = await methodOf(params.method).run({
      ...context,
      params,
      inputs,
      cellIds,
      random: params.streams === undefined ? random : random.of(params.streams),
    });
    await outputs.embedding.write({ cellIds, labels, dims, values });
    if (companion !== undefined)
      await outputs.companion.write({ cellIds, labels, dims: 2, values: companion });
    if (notes !== undefined && notes.length > 0) await outputs.notes.write([...notes]);
  },
});

function find(config: EmbeddingsConfig, instance: string): StudyEmbedding {
  return embeddingsOf(config).get(instance)!;
}

/** Returns the published name of an output; only embeddings of the config are published, not those of other stages. */
function published(name: string) {
  return ({ embeddings }: EmbeddingsConfig, instance: string) =>
    Object.hasOwn(embeddings, instance) ? name : undefined;
}
