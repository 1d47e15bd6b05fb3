/** Why an encoding tells cells apart as it does: what it leaves out, what it ties, and what chance decides in it. */
import { z } from 'zod';
import {
  drawsRandom,
  type EncodingOptions,
  encodingCode,
  encodingParams,
  registryModule,
} from '../lib/encodings/index.ts';
import { encoderSlots, prepareEncoding } from '../lib/encodings/prepare.ts';
import { defineStage, output } from '../lib/flow/stage.ts';
import { parquet } from '../lib/formats/parquet.ts';
import { cellLossesTable, encodingLossesTable } from '../lib/formats/result-tables.ts';
import { table } from '../lib/formats/table.ts';
import type { MatrixInput } from '../lib/formats/types.ts';
import { CellLosses } from '../lib/losses/cell-losses.ts';
import { describeCells, describeSparsity } from '../lib/losses/describe.ts';
import { type LossRow, lossColumns } from '../lib/losses/loss-rows.ts';
import { pairLosses } from '../lib/losses/pair-losses.ts';
import { pairSample } from '../lib/losses/pair-sample.ts';
import { withinSimilarity } from '../lib/losses/within-similarity.ts';
import { openSpace, spaceOfMatrix } from '../lib/pairwise/open-space.ts';
import { cellTypes } from '../lib/pairwise/type-pairs.ts';

export interface LossesConfig {
  readonly encodings: Readonly<Record<string, EncodingOptions>>;
  readonly losses: { readonly cells: number };
}

export default defineStage({
  module: import.meta.url,
  name: 'losses',
  about: 'Says what an encoding leaves out of each cell, what it ties, and what chance decides in it.',
  config: {
    losses: z
      .strictObject({
        /** Cells, in equal shares of all types, whose pairs are compared by overlap, union and intersection. */
        cells: z.int().min(2).max(5000).default(1000),
      })
      .prefault({}),
  },
  code: (config: LossesConfig, instance) => encodingCode(config.encodings[instance]),
  apart: [registryModule],
  each: (config: LossesConfig) => Object.keys(config.encodings),
  params: ({ encodings, losses }, instance) => ({
    encoding: encodingParams(encodings[instance]),
    draws: drawsRandom(encodings[instance]),
    cells: losses.cells,
  }),
  inputs: ({ encodings }, instance) => encoderSlots(instance, encodings[instance]),
  outputs: {
    cells: output(table(cellLossesTable), { publish: 'losses/[instance].arrow' }),
    losses: output(parquet(encodingLossesTable)),
  },
  random: ({ encodings }, instance) => drawsRandom(encodings[instance]),

  async run({ params, inputs, outputs, random, progress, signal }) {
    const { sample, reading, encoder } = await prepareEncoding(params.encoding, inputs, random);
    const types = cellTypes(sample.label);
    const { matrix, notes } = await readWhole(inputs.encoded);
    const dense = notes.layout === 'dense';
    const genesUsed = Number(notes.genes_used);
    // A negative number of a gene has no place in an order that begins with the genes without a number.
    const ranked = dense || matrix.values.every((value) => value > 0);
    const space = dense
      ? await openSpace(inputs.encoded, 'spearman', types.order)
      : ranked && (await spaceOfMatrix(matrix, 'spearman', genesUsed, types.order));
    const within = space ? withinSimilarity(space, types) : new Float64Array(matrix.rows).fill(Number.NaN);
    signal.throwIfAborted();

    const losses = new CellLosses({ kind: params.encoding.kind, reading, matrix, dense, genesUsed });
    const another = params.draws ? encoder : undefined;
    const counts = await inputs.counts.open();
    try {
      for await (const block of counts.blocks()) {
        signal.throwIfAborted();
        const totals = sample.total_counts.subarray(block.start, block.start + block.rows);
        const again = another?.encodeBlock(block, { ids: block.cellIds, totals }).matrix;
        losses.add(block, block.start, totals, again);
        progress(block.start + block.rows, counts.rows);
      }
    } finally {
      await counts.close();
    }

    const { columns, genesDetected, genesEncoded } = losses;
    await outputs.cells.write({
      cell_id: sample.cell_id,
      label: sample.label,
      genes_detected: genesDetected,
      genes_encoded: genesEncoded,
      ...columns,
      within_similarity: within,
    });
    const rows: LossRow[] = [
      ...describeCells(losses, within, types),
      ...describeSparsity(columns.sparsity, within, types),
    ];
    // Dimensions are not genes: there is nothing to be detected in two cells.
    if (!dense && ranked) {
      rows.push(...(await pairLosses(matrix, genesUsed, pairSample(types, params.cells), columns.sparsity)));
    }
    await outputs.losses.write(lossColumns(rows));
  },
});

async function readWhole(input: MatrixInput) {
  const reader = await input.open();
  try {
    return { matrix: await reader.readAll(), notes: reader.notes };
  } finally {
    await reader.close();
  }
}
