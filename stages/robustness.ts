/** Brings together how far cells move in all encodings. */
import { parquet } from '../lib/data/kinds/parquet.ts';
import type { ParquetInput } from '../lib/data/kinds/types.ts';
import { stackTables } from '../lib/data/results/stack.ts';
import { encodingPerturbationsTable, perturbationsTable } from '../lib/data/results/tables.ts';
import { type ArtifactRef, defineStage, from, output } from '../lib/flow/stage.ts';
import type { StudyConfig } from '../lib/study/config.ts';

export default defineStage({
  module: import.meta.url,
  name: 'robustness',
  about: 'Brings together how far cells move in the encodings when they are disturbed.',
  // One target, and none if nothing is disturbed.
  each: ({ perturb }: Pick<StudyConfig, 'encodings' | 'perturb'>) => (perturb === null ? [] : ['']),
  params: ({ encodings }) => ({ encodings: Object.keys(encodings) }),
  inputs: ({ encodings }) => ({
    perturbations: Object.keys(encodings).map(
      (name): ArtifactRef<ParquetInput<typeof encodingPerturbationsTable>> =>
        from(`perturb[${name}].perturbations`, parquet(encodingPerturbationsTable)),
    ),
  }),
  outputs: { perturbations: output(parquet(perturbationsTable), { publish: 'perturbations.parquet' }) },

  async run({ params, inputs, outputs }) {
    const tables = await Promise.all(
      inputs.perturbations.map(async (one, i) => ({
        name: params.encodings[i],
        columns: await one.read(),
      })),
    );
    await outputs.perturbations.write(stackTables(encodingPerturbationsTable, tables, 'encoding'));
  },
});
