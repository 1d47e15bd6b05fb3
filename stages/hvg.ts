/** Stage that chooses the highly variable genes, which encodings use. */
import { isSimulated } from '../lib/cells/dataset.ts';
import { HVG_FLAVORS } from '../lib/cells/hvg/index.ts';
import { HVG_DEFAULTS } from '../lib/cells/hvg/options.ts';
import type { Annotation } from '../lib/cells/source.ts';
import { matrix } from '../lib/data/kinds/matrix.ts';
import { requireSameCells } from '../lib/data/kinds/same-cells.ts';
import { columnsOf, genesTable, sampleTable, variableGenesTable } from '../lib/data/results/cell-tables.ts';
import { dataError } from '../lib/errors.ts';
import { json } from '../lib/flow/kinds/json.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { type ConfigProblem, defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { hvgSection } from '../lib/study/sections/hvg.ts';

type HvgConfig = Pick<StudyConfig, 'hvg'> & Partial<Pick<StudyConfig, 'dataset'>>;

export default defineStage({
  module: import.meta.url,
  name: 'hvg',
  about: 'Chooses the highly variable genes.',
  config: hvgSection,
  check(config: HvgConfig): ConfigProblem[] {
    const { flavor, batchAware } = config.hvg;
    const { dataset } = config;
    const problems: ConfigProblem[] = [];
    if (flavor === 'seurat_v3' && config.hvg.top === null) {
      problems.push({
        path: ['hvg', 'top'],
        message: "'seurat_v3' has no cut-offs: set how many genes it takes",
      });
    }
    const hasBatches = dataset !== undefined && (isSimulated(dataset) || dataset.batch !== undefined);
    if (HVG_FLAVORS[flavor].statistical && batchAware && !hasBatches) {
      problems.push({
        path: ['hvg', 'batchAware'],
        message: 'needs dataset.batch, the column of the batches',
      });
    }
    return problems;
  },
  params({ hvg }) {
    const { flavor, top, minMean, maxMean, minDisp, bins, batchAware } = hvg;
    if (!HVG_FLAVORS[flavor].statistical) return { flavor };
    const cutOffs = top === null ? { minMean, maxMean, minDisp } : {};
    return { flavor, top, batchAware, ...(flavor === 'seurat' ? { bins } : {}), ...cutOffs };
  },
  inputs({ hvg }) {
    const { statistical } = HVG_FLAVORS[hvg.flavor];
    return {
      // Data that a flavour does not use are not its inputs, so that a new sample does not change its genes.
      counts: statistical ? from('subset.counts', matrix()) : undefined,
      genes: from('subset.genes', table(genesTable)),
      annotation: hvg.flavor === 'annotated' ? from('load.annotation', json<Annotation>()) : undefined,
      sample:
        statistical && hvg.batchAware
          ? from('subset.sample', table(columnsOf(sampleTable, 'cell_id', 'batch')))
          : undefined,
    };
  },
  needs: { memory: ({ bytes }) => 96 * MB + 16 * bytes.genes + 8 * bytes.sample },
  outputs: {
    genes: output(table(variableGenesTable), { publish: 'genes.arrow' }),
  },

  async run({ params, inputs, outputs, progress, signal }) {
    const genes = await inputs.genes.read();
    const sample = await inputs.sample?.read();
    if (sample !== undefined) await requireSameCells(inputs.counts!, sample.cell_id, 'rows of the counts');
    const annotation = await inputs.annotation?.read();
    const reader = await inputs.counts?.open();
    try {
      const result = await HVG_FLAVORS[params.flavor].select(
        {
          counts: {
            rows: reader?.rows ?? 0,
            columns: genes.gene_id.length,
            async *blocks() {
              if (reader === undefined) return;
              for await (const block of reader.blocks()) {
                signal.throwIfAborted();
                yield block;
                progress(block.start + block.rows, reader.rows);
              }
            },
          },
          geneIds: genes.gene_id,
          annotated: genes.annotated,
          annotatedProblem: annotation?.problem ?? undefined,
          batches: sample?.batch,
        },
        { ...HVG_DEFAULTS, top: null, ...params },
      );
      if (!result.highlyVariable.includes(true)) {
        throw dataError(`none of the ${genes.gene_id.length} kept genes is highly variable`, {
          expected: `at least one by hvg.flavor '${params.flavor}'`,
          where: 'config: hvg',
          hint: "Widen the cut-offs, set hvg.top to a number of genes, or hvg.flavor to 'none'.",
        });
      }
      const missing = () => new Float64Array(genes.gene_id.length).fill(Number.NaN);
      const finite = (values?: Float64Array) =>
        values?.map((value) => (Number.isFinite(value) ? value : Number.NaN)) ?? missing();
      await outputs.genes.write({
        gene_id: genes.gene_id,
        gene_name: genes.gene_name,
        highly_variable: result.highlyVariable,
        n_cells: genes.n_cells,
        total_counts: genes.total_counts,
        means: finite(result.means),
        dispersions: finite(result.dispersions),
        dispersions_norm: finite(result.dispersionsNorm),
      });
    } finally {
      await reader?.close();
    }
  },
});
