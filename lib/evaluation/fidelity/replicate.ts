/** Replicates of an encoding: the same encoding with other random numbers. */
import type { MatrixInput } from '../../data/kinds/types.ts';
import { type EncodingParams, encodingOf } from '../../encodings/index.ts';
import { type GeneColumns, usedGenes } from '../../encodings/prepare.ts';
import type { RandomSource } from '../../flow/random.ts';
import type { ExternalFile } from '../../flow/stage.ts';
import type { RowsInput } from '../../pairwise/spaces/row-source.ts';

export interface ReplicateInputs {
  readonly counts: MatrixInput;
  readonly genes: GeneColumns;
  readonly totals: Float64Array;
  readonly files: Readonly<Record<string, ExternalFile>>;
}

/**
 * Returns the rows of a replicate, encoded anew at every read; `replicate` selects the random streams. Every read has its
 * own encoder, so that all reads give the same rows.
 */
export function encodeReplicate(
  params: EncodingParams,
  { counts, genes, totals, files }: ReplicateInputs,
  random: RandomSource,
  replicate: number,
): RowsInput {
  const used = usedGenes(genes);
  const prepare = () =>
    encodingOf(params.kind).prepare({
      params,
      genes: { ids: genes.gene_id, names: genes.gene_name, used },
      totals,
      counts,
      files,
      random: { stream: (...name) => random.stream('replicate', replicate, ...name) },
    });
  return {
    kind: 'matrix',
    async open() {
      const { columns, metadata } = await prepare();
      const reader = await counts.open();
      return {
        rows: reader.rows,
        columns,
        metadata,
        async *blocks() {
          const encoder = await prepare();
          for await (const block of reader.blocks()) {
            const { start, rows, cellIds } = block;
            const own = totals.subarray(start, start + rows);
            yield { ...encoder.encodeBlock(block, { ids: cellIds, totals: own }).matrix, start, cellIds };
          }
        },
        close: () => reader.close(),
      };
    },
  };
}
