/** Stage that catalogues the cells and genes of the dataset in one pass over its counts. */
import { checkDataset, datasetParams } from '../lib/cells/dataset.ts';
import type { Annotation, SourceChoices } from '../lib/cells/source.ts';
import { isMitochondrial, summarizeCounts } from '../lib/cells/summary.ts';
import { openSource, sourceSlot } from '../lib/data/readers/source.ts';
import { sourceCellsTable, sourceGenesTable } from '../lib/data/results/cell-tables.ts';
import { dataError } from '../lib/errors.ts';
import { json } from '../lib/flow/kinds/json.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { defineStage, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { datasetSection } from '../lib/study/sections/dataset.ts';

/** Summary of the whole dataset: its matrix and size. */
export interface Catalog {
  /** Matrix that the counts were read from: 'X', 'raw/X', 'layers/counts', 'simulated'. */
  matrix: string;
  cells: number;
  genes: number;
  /** Number of counts that are not zero. */
  nnz: number;
}

const BINARY =
  'every count is 1: the data tell which genes are detected and not how much of them, so that values, ranks and orders of them say no more';

export default defineStage({
  module: import.meta.url,
  name: 'load',
  about: 'Reads the atlas once: its cells, genes, labels and per-cell totals.',
  config: datasetSection,
  check: checkDataset,
  params: (config: Pick<StudyConfig, 'dataset'>) => ({ dataset: datasetParams(config.dataset) }),
  inputs: ({ dataset }) => ({ source: sourceSlot(dataset) }),
  needs: {
    memory: ({ params: { dataset }, bytes }) =>
      // Names, labels and sums of all cells; for a file also HDF5's blocks, and up to 400 MB if columns are converted to rows.
      dataset.source === 'simulated' && 'cells' in dataset
        ? 48 * MB + 2000 * dataset.cells
        : 448 * MB + bytes.source / 16,
  },
  outputs: {
    cells: output(table(sourceCellsTable)),
    genes: output(table(sourceGenesTable)),
    catalog: output(json<Catalog>()),
    /** Choices made in reading the source, and notes for the user about it. */
    choices: output(json<SourceChoices>()),
    annotation: output(json<Annotation>()),
  },
  async run({ params, inputs, outputs, progress, signal }) {
    const source = await openSource(params.dataset, inputs.source);
    try {
      // Names and labels are read first, so that problems with them show before the long pass.
      const cellIds = await source.cellIds();
      const labels = await source.labels();
      const batches = await source.batches();
      const geneIds = await source.geneIds();
      const geneNames = await source.geneNames();
      const annotated = await source.annotatedGenes();
      const choices = await source.choices();
      const mito = geneIds.map((id, i) => isMitochondrial(id) || isMitochondrial(geneNames[i] ?? ''));
      const { cells, genes, nnz } = await summarizeCounts(
        source,
        mito,
        (done) => progress(done, source.cells),
        signal,
      );

      const { matrix } = source;
      if (nnz === 0) {
        throw dataError(`${matrix} holds only zeros: no cell has a count`, {
          expected: 'raw counts of cells × genes',
          where: inputs.source?.path,
          hint: "Name the matrix that holds the counts in dataset.matrix, or leave it at 'auto'; rankloom inspect shows which there are.",
        });
      }
      // Stored counts are whole and above 0, so that their sum equals their number only if each is 1.
      const isBinary = genes.totalCounts.reduce((sum, total) => sum + total, 0) === nnz;

      await outputs.cells.write({
        cell_id: cellIds,
        label: labels,
        batch: batches ?? cellIds.map(() => null),
        total_counts: cells.totalCounts,
        n_genes: cells.detectedGenes,
        mito_percent: cells.mitoPercent,
        sparsity: Float64Array.from(cells.detectedGenes, (detected) => 1 - detected / source.genes),
      });
      await outputs.genes.write({
        gene_id: geneIds,
        gene_name: geneNames,
        annotated: annotated ?? geneIds.map(() => null),
        mito,
        n_cells: genes.cells,
        total_counts: genes.totalCounts,
      });
      await outputs.catalog.write({ matrix, cells: source.cells, genes: source.genes, nnz });
      await outputs.annotation.write({ problem: choices.annotatedProblem ?? null });
      await outputs.choices.write({ ...choices, notes: [...choices.notes, ...(isBinary ? [BINARY] : [])] });
    } finally {
      await source.close();
    }
  },
});
