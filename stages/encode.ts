import { type HfColumnType, hfDataset } from '../lib/data/kinds/hf-dataset.ts';
import { matrix } from '../lib/data/kinds/matrix.ts';
import { modelInput } from '../lib/data/kinds/model-input.ts';
import { parquet } from '../lib/data/kinds/parquet.ts';
import { requireSameIds } from '../lib/data/kinds/same-cells.ts';
import { tokens } from '../lib/data/kinds/tokens.ts';
import type { MatrixInput, TableInput } from '../lib/data/kinds/types.ts';
import { columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import type { DATASET_COLUMNS } from '../lib/encodings/geneformer.ts';
import {
  drawsRandom,
  encodingCode,
  encodingParams,
  OWN_NAMES,
  registryModule,
} from '../lib/encodings/index.ts';
import { fileSlots, type GenesInput, genesSlot, prepareEncoding } from '../lib/encodings/prepare.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { type ArtifactRef, defineStage, type FileRef, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { encodingsSection } from '../lib/study/sections/encodings.ts';

const sampleColumns = columnsOf(sampleTable, 'cell_id', 'total_counts');
/** Columns of the sample for a dataset output, which includes the label and batch of a cell. */
const describedCells = columnsOf(sampleTable, 'cell_id', 'total_counts', 'label', 'batch');

type EncodeConfig = Pick<StudyConfig, 'encodings'>;

type EncodeInputs = {
  counts: ArtifactRef<MatrixInput>;
  genes: ArtifactRef<GenesInput>;
  sample: ArtifactRef<TableInput<typeof sampleColumns> | TableInput<typeof describedCells>>;
  /** Dictionaries of the encoding, by option. */
  [file: `file.${string}`]: FileRef<{ kind: 'file'; path: string }>;
};

export default defineStage({
  module: import.meta.url,
  name: 'encode',
  about: 'Encodes every sampled cell with one encoding.',
  config: encodingsSection,
  code: (config: EncodeConfig, instance) => encodingCode(config.encodings[instance]),
  names: OWN_NAMES,
  externals: [registryModule],
  each: (config: EncodeConfig) => Object.keys(config.encodings),
  params: (config, instance) => encodingParams(config.encodings[instance]),
  inputs(config, instance): EncodeInputs {
    const options = config.encodings[instance];
    return {
      counts: from('subset.counts', matrix()),
      genes: genesSlot(options),
      sample: writesDataset(options)
        ? from('subset.sample', table(describedCells))
        : from('subset.sample', table(sampleColumns)),
      ...fileSlots(options),
    };
  },
  needs: {
    memory({ params, bytes }) {
      const { counts, genes, sample, ...files } = bytes as Readonly<Record<string, number>>;
      const dictionaries = Object.values(files).reduce((a, b) => a + b, 0);
      // Rows are processed in blocks, except for sentences, which are one table.
      const sentences = params.kind === 'cell2sentence' ? 3 * counts : 0;
      return 128 * MB + 30 * (sample + genes) + 8 * dictionaries + sentences;
    },
  },
  outputs: {
    encoded: output(matrix(), { publish: 'encoded/[instance].arrow' }),
    tokens: output(tokens(), { publish: 'tokens/[instance].arrow', optional: true }),
    sentences: output(parquet({ cell_id: 'utf8', cell_sentence: 'utf8' }), {
      publish: 'sentences/[instance].parquet',
      optional: true,
    }),
    dataset: output(hfDataset(), { publish: 'datasets/[instance]', optional: true }),
    model: output(modelInput(), { publish: 'model/[instance].arrow', optional: true }),
  },
  random: (config, instance) => drawsRandom(config.encodings[instance]),

  async run({ params, inputs, outputs, random, progress, signal }) {
    const { sample, columns, encoder } = await prepareEncoding(params, inputs, random);
    const { cell_id: cellIds, total_counts: totals } = sample;
    const counts = await inputs.counts.open();
    try {
      checkShape(counts, columns, cellIds.length);
      const encoded = await outputs.encoded.create({
        columns: encoder.columns,
        metadata: encoder.metadata,
        notes: { encoding: params.kind, genes: params.genes, ...encoder.notes },
      });
      const tokenLists = encoder.writesTokens
        ? await outputs.tokens.create({ encoding: params.kind })
        : undefined;
      const datasetColumns = (params.dataset ?? []) as readonly (keyof typeof DATASET_TYPES)[];
      const dataset = writesDataset(params)
        ? await outputs.dataset.create(
            Object.fromEntries(datasetColumns.map((name) => [name, DATASET_TYPES[name]])),
          )
        : undefined;
      const { modelNotes } = encoder;
      const model = modelNotes && (await outputs.model.create({ encoding: params.kind, ...modelNotes }));
      const sentences: string[] = [];
      for await (const block of counts.blocks()) {
        signal.throwIfAborted();
        requireSameIds(block.cellIds, cellIds, 'rows of the counts', block.start);
        const made = encoder.encodeBlock(block, {
          ids: block.cellIds,
          totals: totals.subarray(block.start, block.start + block.rows),
        });
        await encoded.append(made.matrix, block.cellIds);
        await tokenLists?.append(block.cellIds, made.tokens!);
        await dataset?.append(made.tokens!, rowsOf(sample, datasetColumns, block.start, block.rows));
        await model?.append(block.cellIds, made.model!);
        for (const sentence of made.sentences ?? []) sentences.push(sentence);
        progress(block.start + block.rows, counts.rows);
      }
      await encoded.close();
      await tokenLists?.close();
      await dataset?.close();
      await model?.close();
      if (encoder.writesSentences) {
        await outputs.sentences.write({ cell_id: cellIds, cell_sentence: sentences });
      }
    } finally {
      await counts.close();
    }
  },
});

/** Types of the columns of cells in a dataset. */
const DATASET_TYPES = {
  cell_id: 'string',
  label: 'string',
  batch: 'string',
  total_counts: 'float64',
} as const satisfies Record<(typeof DATASET_COLUMNS)[number], HfColumnType>;

function writesDataset(options: object): boolean {
  return 'dataset' in options && Array.isArray(options.dataset);
}

/** Returns the values of the named columns, of `rows` cells from `start` on. */
function rowsOf(
  cells: object,
  names: readonly string[],
  start: number,
  rows: number,
): Record<string, ArrayLike<string | number | null>> {
  const columns = cells as Record<string, (string | null)[] | Float64Array>;
  return Object.fromEntries(names.map((name) => [name, columns[name].slice(start, start + rows)]));
}

function checkShape(counts: { rows: number; columns: number }, genes: number, cells: number): void {
  if (counts.columns !== genes || counts.rows !== cells) {
    throw new Error(
      `Internal error: counts of ${counts.rows} cells × ${counts.columns} genes, but ${cells} cells and ${genes} genes are named`,
    );
  }
}
