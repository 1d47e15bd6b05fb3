/** Inputs of a stage that encodes cells itself, and the encoder made from them. */
import { matrix } from '../data/kinds/matrix.ts';
import type { Columns, MatrixInput, TableInput } from '../data/kinds/types.ts';
import { columnsOf, genesTable, sampleTable, variableGenesTable } from '../data/results/cell-tables.ts';
import { table } from '../flow/kinds/table.ts';
import type { RandomSource } from '../flow/random.ts';
import { type ArtifactRef, type ExternalFile, type FileRef, from, fromFile } from '../flow/stage.ts';
import { type Encoder, homesOf, type Reading } from './encoding.ts';
import { type EncodingOptions, type EncodingParams, encodingFiles, encodingOf, filesAmong } from './index.ts';

const sampleColumns = columnsOf(sampleTable, 'cell_id', 'label', 'total_counts');
const allGenes = columnsOf(genesTable, 'gene_id', 'gene_name');
const variableGenes = columnsOf(variableGenesTable, 'gene_id', 'gene_name', 'highly_variable');

export type GenesInput = TableInput<typeof allGenes> | TableInput<typeof variableGenes>;

/** Columns of the kept genes, with the highly variable ones marked if the encoding sees no others. */
export type GeneColumns = Columns<typeof allGenes> | Columns<typeof variableGenes>;

export type EncoderSlots = {
  counts: ArtifactRef<MatrixInput>;
  genes: ArtifactRef<GenesInput>;
  sample: ArtifactRef<TableInput<typeof sampleColumns>>;
  /** Numbers of the encoding, as the stage `encode` wrote them. */
  encoded: ArtifactRef<MatrixInput>;
  /** Dictionaries of the encoding, by option. */
  [file: `file.${string}`]: FileRef<ExternalFile>;
};

/** Genes that an encoding may use: with the highly variable ones marked, or all. */
export const genesSlot = ({ genes }: EncodingOptions): ArtifactRef<GenesInput> =>
  genes === 'hvg' ? from('hvg.genes', table(variableGenes)) : from('subset.genes', table(allGenes));

/** Dictionaries of an encoding, by option. */
export const fileSlots = (options: EncodingOptions): Record<`file.${string}`, FileRef<ExternalFile>> =>
  Object.fromEntries(
    Object.entries(encodingFiles(options)).map(([name, path]) => [`file.${name}`, fromFile(path)]),
  );

export function encoderSlots(instance: string, options: EncodingOptions): EncoderSlots {
  return {
    counts: from('subset.counts', matrix()),
    genes: genesSlot(options),
    sample: from('subset.sample', table(sampleColumns)),
    encoded: from(`encode[${instance}].encoded`, matrix()),
    ...fileSlots(options),
  };
}

/** Columns that must be known of the sampled cells, in the order of the rows. */
interface Sample {
  readonly cell_id: string[];
  readonly total_counts: Float64Array;
}

export interface Prepared<S extends Sample> {
  readonly sample: S;
  /** Number of columns of the counts. */
  readonly columns: number;
  readonly reading: Reading;
  readonly encoder: Encoder;
}

/** Prepares the encoder of a stage. `inputs` are those of `encoderSlots`, or alike; the encoder draws from `random`. */
export async function prepareEncoding<S extends Sample>(
  params: EncodingParams,
  inputs: {
    readonly counts: MatrixInput;
    readonly genes: GenesInput;
    readonly sample: { read(): Promise<S> };
    readonly [file: `file.${string}`]: ExternalFile;
  },
  random: RandomSource,
): Promise<Prepared<S>> {
  const genes = await inputs.genes.read();
  const sample = await inputs.sample.read();
  const used = usedGenes(genes);
  const encoder: Encoder = await encodingOf(params.kind).prepare({
    params,
    genes: { ids: genes.gene_id, names: genes.gene_name, used },
    totals: sample.total_counts,
    counts: inputs.counts,
    files: filesAmong(inputs),
    random,
  });
  const reading = encoder.reading ?? { home: homesOf(used.length, (column) => used[column] === 1) };
  return { sample, columns: used.length, reading, encoder };
}

/** Marks columns: 1 for each that may be used (all, or the highly variable ones), else 0. */
export function usedGenes(genes: GeneColumns): Uint8Array {
  const used = new Uint8Array(genes.gene_id.length);
  if ('highly_variable' in genes) return used.map((_, column) => (genes.highly_variable[column] ? 1 : 0));
  return used.fill(1);
}
