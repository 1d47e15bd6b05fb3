/** Brings the losses of all encodings together. */
import { parquet } from '../lib/data/kinds/parquet.ts';
import type { ParquetInput } from '../lib/data/kinds/types.ts';
import { stackTables } from '../lib/data/results/stack.ts';
import { encodingLossesTable, lossesTable } from '../lib/data/results/tables.ts';
import { type ArtifactRef, defineStage, from, output } from '../lib/flow/stage.ts';
import type { StudyConfig } from '../lib/study/config.ts';

export default defineStage({
  module: import.meta.url,
  name: 'reasons',
  about: 'Brings together what the encodings lose.',
  params: ({ encodings }: Pick<StudyConfig, 'encodings'>) => ({ encodings: Object.keys(encodings) }),
  inputs: ({ encodings }) => ({
    losses: Object.keys(encodings).map(
      (name): ArtifactRef<ParquetInput<typeof encodingLossesTable>> =>
        from(`losses[${name}].losses`, parquet(encodingLossesTable)),
    ),
  }),
  outputs: { losses: output(parquet(lossesTable), { publish: 'losses.parquet' }) },

  async run({ params, inputs, outputs }) {
    const tables = await Promise.all(
      inputs.losses.map(async (one, i) => ({ name: params.encodings[i], columns: await one.read() })),
    );
    await outputs.losses.write(stackTables(encodingLossesTable, tables, 'encoding'));
  },
});
