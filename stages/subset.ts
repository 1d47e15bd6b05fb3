/** Stage that chooses cells, cell types and genes, and draws the cells that the study compares. */
import { chooseTypes } from '../lib/cells/choose-types.ts';
import { datasetParams } from '../lib/cells/dataset.ts';
import { type DatasetTold, tellDataset } from '../lib/cells/dataset-told.ts';
import { passingCells } from '../lib/cells/qc.ts';
import { countTypes, sampleTypes } from '../lib/cells/sampling.ts';
import { columnMap, selectBlock } from '../lib/cells/select-block.ts';
import type { CellSource, SourceChoices } from '../lib/cells/source.ts';
import { matrix } from '../lib/data/kinds/matrix.ts';
import { openSource, sourceSlot } from '../lib/data/readers/source.ts';
import { cellsTable, genesTable, sampleTable, sourceCellsTable } from '../lib/data/results/cell-tables.ts';
import { dataError } from '../lib/errors.ts';
import { json } from '../lib/flow/kinds/json.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { subsetSection } from '../lib/study/sections/subset.ts';

type SubsetConfig = Pick<StudyConfig, 'dataset' | 'subset'>;

export default defineStage({
  module: import.meta.url,
  name: 'subset',
  about: 'Filters cells and genes and draws a sample of cells of every type.',
  config: subsetSection,
  params: (config: SubsetConfig) => ({
    dataset: datasetParams(config.dataset),
    subset: config.subset,
  }),
  inputs: ({ dataset }) => ({
    source: sourceSlot(dataset),
    cells: from('load.cells', table(sourceCellsTable)),
    genes: from('load.genes', table(genesTable)),
    choices: from('load.choices', json<SourceChoices>()),
  }),
  needs: {
    // Rows are processed in blocks; the tables of cells and genes are in memory.
    memory: ({ bytes: { cells, genes, source } }) =>
      96 * MB + 12 * (cells + genes) + (source > 0 ? 400 * MB : 0),
  },
  outputs: {
    /** All cells of the source. */
    cells: output(table(cellsTable), { publish: 'cells.arrow' }),
    /** Sampled cells, the rows of `counts`. */
    sample: output(table(sampleTable)),
    /** Kept genes, the columns of `counts`. n_cells and total_counts are over the sampled cells. */
    genes: output(table(genesTable)),
    counts: output(matrix(), { publish: 'counts.arrow' }),
    /** Choices made in reading the source; cells and types that take part, and those that do not, with reasons. */
    told: output(json<DatasetTold>(), { publish: 'dataset.json' }),
  },
  random: true,

  async run({ params, inputs, outputs, random, progress, signal }) {
    const { minCellsPerGene, minCellsPerType, cellsPerType } = params.subset;
    const cells = await inputs.cells.read();
    const choices = await inputs.choices.read();
    const genes = await inputs.genes.read();
    const qc = passingCells(cells, params.subset);
    const types = chooseTypes(countTypes(cells.label, qc.passing), minCellsPerType, qc, choices);
    const sampled = sampleTypes(
      { ids: cells.cell_id, labels: cells.label, eligible: qc.passing },
      types,
      cellsPerType,
      random,
    );

    // The kept genes are known only after all passing cells are read. Unless the catalogue already has these counts, the
    // source is read twice, since holding the sampled rows would take unbounded memory.
    const everyCellPasses = !qc.passing.includes(false);
    const countFirst = (minCellsPerGene ?? 0) > 0 && !everyCellPasses;
    const steps = cells.cell_id.length * (countFirst ? 2 : 1);
    const source = await openSource(params.dataset, inputs.source);
    try {
      const detectedIn = countFirst
        ? await countDetected(source, qc.passing, (done) => progress(done, steps, 'counting genes'), signal)
        : genes.n_cells;
      const kept = Array.from(detectedIn, (n) => n >= (minCellsPerGene ?? 0));
      if (!kept.includes(true)) {
        throw dataError(`none of the ${kept.length} genes is detected in ${minCellsPerGene} passing cells`, {
          where: 'config: subset.minCellsPerGene',
          hint: 'Set subset.minCellsPerGene to a smaller number.',
        });
      }
      const columns = columnMap(kept);
      const writer = await outputs.counts.create({
        columns: columns.columns,
        metadata: { genesUsed: columns.columns, layout: 'sparse', value: 'counts' },
      });
      const nCells = new Int32Array(columns.columns);
      const totals = new Float64Array(columns.columns);
      const before = steps - cells.cell_id.length;
      for await (const block of source.rows(signal)) {
        const rows = chosenRows(block, sampled);
        const part = selectBlock(block, rows, columns);
        for (let i = 0; i < part.indices.length; i++) {
          nCells[part.indices[i]]++;
          totals[part.indices[i]] += part.values[i];
        }
        await writer.append(
          part,
          rows.map((row) => cells.cell_id[block.start + row]),
        );
        progress(before + block.start + block.rows, steps, 'writing counts');
      }
      await writer.close();
      const keptOf = <T>(values: readonly T[]) => values.filter((_, g) => kept[g]);
      await outputs.genes.write({
        gene_id: keptOf(genes.gene_id),
        gene_name: keptOf(genes.gene_name),
        annotated: keptOf(genes.annotated),
        n_cells: nCells,
        total_counts: totals,
      });
    } finally {
      await source.close();
    }
    const { minGenes, minCounts, maxMitoPercent } = params.subset;
    const limits = { minGenes, minCounts, maxMitoPercent, minCellsPerType, cellsPerType };
    await outputs.told.write(tellDataset(choices, { labels: cells.label, sampled }, qc, limits));
    await outputs.cells.write({ ...cells, passing: qc.passing, sampled });
    const is = (_: unknown, i: number) => sampled[i];
    await outputs.sample.write({
      cell_id: cells.cell_id.filter(is),
      label: cells.label.filter(is) as string[],
      batch: cells.batch.filter(is),
      total_counts: cells.total_counts.filter(is),
      n_genes: cells.n_genes.filter(is),
      mito_percent: cells.mito_percent.filter(is),
      sparsity: cells.sparsity.filter(is),
    });
  },
});

/** Counts the chosen cells in which each gene of the source is detected. */
async function countDetected(
  source: CellSource,
  chosen: readonly boolean[],
  onRows: (done: number) => void,
  signal: AbortSignal,
): Promise<Int32Array> {
  const detectedIn = new Int32Array(source.genes);
  for await (const block of source.rows(signal)) {
    for (const row of chosenRows(block, chosen)) {
      for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) detectedIn[block.indices[i]]++;
    }
    onRows(block.start + block.rows);
  }
  return detectedIn;
}

/** Returns the chosen rows of a block, numbered within it. */
function chosenRows(block: { start: number; rows: number }, chosen: readonly boolean[]): number[] {
  return Array.from({ length: block.rows }, (_, row) => row).filter((row) => chosen[block.start + row]);
}
