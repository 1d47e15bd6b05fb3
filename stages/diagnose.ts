/** Stage that diagnoses an encoding: what it leaves out of cells, what it ties, and what chance decides in it. */
import type { CsrBlock } from '../lib/cells/csr.ts';
import { parquet } from '../lib/data/kinds/parquet.ts';
import { requireSameCells } from '../lib/data/kinds/same-cells.ts';
import type { MatrixReader } from '../lib/data/kinds/types.ts';
import { cellDiagnosticsTable, encodingDiagnosticsTable } from '../lib/data/results/tables.ts';
import {
  drawsRandom,
  encodingCode,
  encodingParams,
  OWN_NAMES,
  registryModule,
} from '../lib/encodings/index.ts';
import { encoderSlots, prepareEncoding } from '../lib/encodings/prepare.ts';
import type { DiagnosticRow } from '../lib/evaluation/diagnostics/rows.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { defineStage, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { cellTypes } from '../lib/pairwise/tiles/type-pairs.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { diagnosticsSection } from '../lib/study/sections/diagnostics.ts';

type DiagnoseConfig = Pick<StudyConfig, 'encodings' | 'diagnostics'>;

export default defineStage({
  module: import.meta.url,
  name: 'diagnose',
  about: 'Says what an encoding leaves out of each cell, what it ties, and what chance decides in it.',
  config: diagnosticsSection,
  code: (config: DiagnoseConfig, instance) => encodingCode(config.encodings[instance]),
  names: OWN_NAMES,
  externals: [registryModule],
  each: ({ encodings, diagnostics }: DiagnoseConfig) => (diagnostics === null ? [] : Object.keys(encodings)),
  params: ({ encodings, diagnostics }, instance) => ({
    encoding: encodingParams(encodings[instance]),
    draws: drawsRandom(encodings[instance]),
    cells: diagnostics!.cells,
  }),
  inputs: ({ encodings }, instance) => encoderSlots(instance, encodings[instance]),
  needs: { memory: ({ bytes: { encoded, sample } }) => 200 * MB + 2.5 * encoded + 16 * sample },
  outputs: {
    cells: output(table(cellDiagnosticsTable), { publish: 'diagnostics/[instance].arrow' }),
    diagnostics: output(parquet(encodingDiagnosticsTable)),
  },
  // Former name of the stage, kept for the random streams of repeated draws.
  streams: 'losses',
  random: ({ encodings }, instance) => drawsRandom(encodings[instance]),

  async run({ params, inputs, outputs, random, progress, signal }) {
    // Imported here, since commands that only list stages do not need these modules.
    const {
      alignedBlocks,
      CellLosses,
      describeCells,
      describeSparsity,
      diagnosticColumns,
      pairLosses,
      pairSample,
      withinSimilarity,
    } = await import('../lib/evaluation/diagnostics/index.ts');
    const { openSpace } = await import('../lib/pairwise/spaces/index.ts');

    const { sample, reading, encoder } = await prepareEncoding(params.encoding, inputs, random);
    const types = cellTypes(sample.label);
    const encoded = await inputs.encoded.open();
    const { genesUsed, layout } = encoded.metadata;
    const dense = layout === 'dense';
    await requireSameCells(inputs.encoded, sample.cell_id);
    // A negative value has no place in an order whose lowest genes are those without a value.
    const ranked = dense || (await isPositive(encoded));
    const within = ranked
      ? withinSimilarity(await openSpace(inputs.encoded, 'spearman', types.order), types)
      : new Float64Array(encoded.rows).fill(Number.NaN);
    signal.throwIfAborted();

    const { kind } = params.encoding;
    const losses = new CellLosses({ kind, reading, cells: encoded.rows, dense, genesUsed });
    const another = params.draws ? encoder : undefined;
    const counts = await inputs.counts.open();
    const totals = sample.total_counts;
    try {
      let again: { readonly start: number; readonly block: CsrBlock } | undefined;
      for await (const { a: block, b, from, to } of alignedBlocks(counts, encoded)) {
        signal.throwIfAborted();
        if (another !== undefined && again?.start !== block.start) {
          const own = totals.subarray(block.start, block.start + block.rows);
          const { matrix } = another.encodeBlock(block, { ids: block.cellIds, totals: own });
          again = { start: block.start, block: matrix };
        }
        losses.add({ counts: block, encoded: b, totals, again: again?.block }, from, to);
        progress(to, counts.rows);
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
    const rows: DiagnosticRow[] = [
      ...describeCells(losses, within, types),
      ...describeSparsity(columns.sparsity, within, types),
    ];
    // Dimensions are not genes, so none are detected in two cells.
    if (!dense && ranked) {
      rows.push(...(await pairLosses(encoded, genesUsed, pairSample(types, params.cells), columns.sparsity)));
    }
    await encoded.close();
    await outputs.diagnostics.write(diagnosticColumns(rows));
  },
});

async function isPositive(matrix: MatrixReader): Promise<boolean> {
  for await (const { rows, indptr, values } of matrix.blocks()) {
    if (!values.subarray(0, indptr[rows]).every((value) => value > 0)) return false;
  }
  return true;
}
