/** Brings together how far cells move in all encodings. */
import { type ArtifactRef, defineStage, from, output } from '../lib/flow/stage.ts';
import { parquet } from '../lib/formats/parquet.ts';
import { encodingPerturbationsTable, perturbationsTable } from '../lib/formats/result-tables.ts';
import { stackTables } from '../lib/formats/stack.ts';
import type { ParquetInput } from '../lib/formats/types.ts';

export interface RobustnessConfig {
  readonly encodings: Readonly<Record<string, unknown>>;
  readonly perturb: object | null;
}

export default defineStage({
  module: import.meta.url,
  name: 'robustness',
  about: 'Brings together how far cells move in the encodings when they are disturbed.',
  // One target, and none if nothing is disturbed.
  each: ({ perturb }: RobustnessConfig) => (perturb === null ? [] : ['']),
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
