/** Stage that gathers the tables of all measures, pairs of measures and encodings into one published table of each kind. */
import { sparsityColumns } from '../lib/cells/sparsity-histogram.ts';
import { tallyTypes } from '../lib/cells/type-counts.ts';
import { parquet } from '../lib/data/kinds/parquet.ts';
import type { FilesInput, ParquetInput, Schema, TableInput, TableOutput } from '../lib/data/kinds/types.ts';
import { cellsTable, columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import { stackTables } from '../lib/data/results/stack.ts';
import { cellTypesTable, encodingsTable, sparsityTable } from '../lib/data/results/tables.ts';
import { registryModule } from '../lib/encodings/index.ts';
import { contrastParams } from '../lib/evaluation/fidelity/contrast-params.ts';
import { type FidelityConfig, subjectsOf } from '../lib/evaluation/fidelity/subject.ts';
import { files } from '../lib/flow/kinds/files.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { type ArtifactRef, defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { gatheredOutputs } from '../lib/study/gathered-outputs.ts';
import { type GatheredConfig, type GatheredName, gatheredTables } from '../lib/study/gathered-tables.ts';

type SummarizeConfig = GatheredConfig & FidelityConfig;

const cellColumns = columnsOf(cellsTable, 'label', 'sparsity', 'passing', 'sampled');
const sampleColumns = columnsOf(sampleTable, 'label', 'sparsity');

/** Tables to gather, by the name of the resulting table, in the order of their instances. */
type GatheredInputs = Record<GatheredName, ArtifactRef<ParquetInput>[]>;

type SummarizeInputs = GatheredInputs & {
  /** Profiles of the encodings, ceilings and floors, the reference first. */
  profiles: ArtifactRef<FilesInput>[];
  cells: ArtifactRef<TableInput<typeof cellColumns>>;
  sample: ArtifactRef<TableInput<typeof sampleColumns>>;
};

const gathered = Object.entries(gatheredTables) as [GatheredName, (typeof gatheredTables)[GatheredName]][];

export default defineStage({
  module: import.meta.url,
  name: 'summarize',
  about: 'Gathers the tables of all measures and encodings; sets every encoding beside the reference.',
  externals: [registryModule],
  // Former name, kept for the random streams of the intervals of encodings.parquet.
  streams: 'contrast',
  params: (config: SummarizeConfig) => ({
    /** Key columns of the rows of each instance, by table; null where it is switched off. */
    tables: Object.fromEntries(
      gathered.map(([name, { instances }]) => [name, instances(config)?.map(({ keys }) => keys) ?? null]),
    ),
    fidelity: contrastParams(config),
  }),
  inputs: (config): SummarizeInputs => ({
    ...gatheredInputs(config),
    profiles: subjectsOf(config).map(({ instance }) => from(`fidelity[${instance}].profile`, files())),
    cells: from('subset.cells', table(cellColumns)),
    sample: from('subset.sample', table(sampleColumns)),
  }),
  needs: {
    memory({ bytes: { profiles, cells, sample, ...tables } }) {
      const stacked = Object.values<number>(tables).reduce((sum, bytes) => sum + bytes, 0);
      const resampled = profiles === 0 ? 0 : 256 * MB + 4 * (profiles + sample);
      return 64 * MB + 8 * stacked + 12 * (cells + sample) + resampled;
    },
  },
  outputs: {
    ...gatheredOutputs,
    encodings: output(parquet(encodingsTable), {
      publish: 'encodings.parquet',
      optional: ({ fidelity }: SummarizeConfig) => fidelity === null,
    }),
    sparsity: output(parquet(sparsityTable), { publish: 'sparsity.parquet' }),
    cell_types: output(parquet(cellTypesTable), { publish: 'cell_types.parquet' }),
  },
  random: ({ fidelity }) => fidelity !== null,

  async run({ params, inputs, outputs, random, signal, progress }) {
    for (const [name, { table, keys }] of gathered) {
      const rowKeys = params.tables[name];
      if (rowKeys === null) continue;
      const columns = await Promise.all(inputs[name].map((one) => one.read()));
      const tables = columns.map((own, i) => ({ keys: rowKeys[i], columns: own }));
      const output: TableOutput = outputs[name];
      await output.write(stackTables<Schema, string>(table, tables, keys));
    }
    const cells = await inputs.cells.read();
    const sample = await inputs.sample.read();
    await outputs.sparsity.write(sparsityColumns({ all: cells.sparsity, sampled: sample.sparsity }));
    await outputs.cell_types.write(tallyTypes(cells));
    if (params.fidelity === null) return;
    // Imported here, since commands that only list stages do not need these modules.
    const { contrast } = await import('../lib/evaluation/fidelity/contrast.ts');
    const { encodingColumns } = await import('../lib/evaluation/fidelity/table.ts');
    const rows = await contrast(params.fidelity, sample.label, inputs.profiles, { random, signal, progress });
    await outputs.encodings.write(encodingColumns(rows, params.fidelity.referenceMetric));
  },
});

function gatheredInputs(config: SummarizeConfig): GatheredInputs {
  return Object.fromEntries(
    gathered.map(([name, { stage, output, table, instances }]) => [
      name,
      (instances(config) ?? []).map(
        ({ instance }): ArtifactRef<ParquetInput> => from(`${stage}[${instance}].${output}`, parquet(table)),
      ),
    ]),
  ) as GatheredInputs;
}
