/** Stage that writes the report: figures, and one page. */
import type { DatasetTold } from '../lib/cells/dataset-told.ts';
import { embedding } from '../lib/data/kinds/embedding.ts';
import { parquet } from '../lib/data/kinds/parquet.ts';
import type { EmbeddingInput, JsonInput } from '../lib/data/kinds/types.ts';
import { columnsOf, sampleTable, variableGenesTable } from '../lib/data/results/cell-tables.ts';
import {
  agreementTable,
  cellTypesTable,
  cutoffsTable,
  type Distribution,
  diagnosticsTable,
  encodingsTable,
  jointTable,
  neighborPurityTable,
  perturbationsTable,
  separationTable,
  sparsityTable,
  typePairsTable,
} from '../lib/data/results/tables.ts';
import { isEmbedding } from '../lib/embeddings/space-ref.ts';
import { files } from '../lib/flow/kinds/files.ts';
import { json } from '../lib/flow/kinds/json.ts';
import { table } from '../lib/flow/kinds/table.ts';
import { text } from '../lib/flow/kinds/text.ts';
import { type ArtifactRef, defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { FONT_VERSION } from '../lib/report/drawing/font.ts';
import type { MeasureInfo } from '../lib/report/measure-info.ts';
import type { EmbeddingInfo, ReportData } from '../lib/report/page/data.ts';
import { settingLines } from '../lib/report/page/settings.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { reportSection } from '../lib/study/sections/report.ts';

const sampleColumns = columnsOf(sampleTable, 'total_counts', 'n_genes', 'sparsity');
const geneColumns = columnsOf(variableGenesTable, 'highly_variable');

/** Part of the config that the page shows or describes. */
type ReportConfig = Omit<StudyConfig, 'neighbors' | 'purity'> & { readonly seed?: number };

/** Options of an embedding that the page describes; a method may have them. */
interface EmbeddingShape {
  readonly method: string;
  readonly of?: string;
  readonly dims?: number;
  readonly companion2d?: boolean;
  readonly cells?: string;
}

/** Whether an embedding has a companion in two dimensions, which is drawn instead. */
function hasCompanion({ companion2d, dims }: EmbeddingShape): boolean {
  return companion2d === true && dims !== 2;
}

export default defineStage({
  module: import.meta.url,
  name: 'report',
  about: 'Draws the figures and writes the page.',
  config: reportSection,
  params(config: ReportConfig) {
    const { report, seed, dataset, subset, hvg, encodings, embeddings, measures, joint } = config;
    const simulated = dataset.source === 'simulated';
    return {
      ...report,
      simulated,
      measures: Object.entries(measures).map(([name, measure]) => measureInfo(config, name, measure)),
      embeddings: Object.entries<EmbeddingShape>(embeddings).map(
        ([name, options]): EmbeddingInfo => ({
          name,
          method: options.method,
          from: options.of ?? null,
          inOrder: options.cells === 'in order' ? true : undefined,
          companionOf: hasCompanion(options) ? options.dims : undefined,
        }),
      ),
      jointPairs: joint.map(([x, y]): [string, string] => [x, y]),
      // Names of other targets are parameters because the page prints them.
      settings: settingLines({
        run: { seed },
        dataset: simulated ? dataset : { ...dataset, source: 'a file' },
        subset,
        hvg,
        encodings,
        embeddings,
        measures,
        joint: { pairs: joint },
      }),
    };
  },
  inputs({ embeddings, measures, fidelity, diagnostics, perturb }) {
    return {
      type_pairs: from('summarize.type_pairs', parquet(typePairsTable)),
      separation: from('summarize.separation', parquet(separationTable)),
      cutoffs: from('summarize.cutoffs', parquet(cutoffsTable)),
      neighbor_purity: from('summarize.neighbor_purity', parquet(neighborPurityTable)),
      encodings: fidelity ? from('summarize.encodings', parquet(encodingsTable)) : undefined,
      diagnostics: diagnostics ? from('summarize.diagnostics', parquet(diagnosticsTable)) : undefined,
      perturbations: perturb ? from('summarize.perturbations', parquet(perturbationsTable)) : undefined,
      joint: from('summarize.joint', parquet(jointTable)),
      agreement: from('summarize.agreement', parquet(agreementTable)),
      sparsity: from('summarize.sparsity', parquet(sparsityTable)),
      cell_types: from('summarize.cell_types', parquet(cellTypesTable)),
      distributions: Object.keys(measures).map(
        (name): ArtifactRef<JsonInput<Distribution>> =>
          from(`similarity[${name}].distribution`, json<Distribution>()),
      ),
      embeddings: Object.entries(embeddings).map(
        ([name, options]): ArtifactRef<EmbeddingInput> =>
          from(`embed[${name}].${hasCompanion(options) ? 'companion' : 'embedding'}`, embedding()),
      ),
      sample: from('subset.sample', table(sampleColumns)),
      told: from('subset.told', json<DatasetTold>()),
      genes: from('hvg.genes', table(geneColumns)),
    };
  },
  needs: {
    memory: ({ bytes: { embeddings, sample, genes } }) => 192 * MB + 8 * (embeddings + sample + genes),
  },
  outputs: {
    html: output(text('.html'), { publish: 'report.html' }),
    figures: output(files(), { publish: 'figures' }),
  },
  // The font files are not imported by any module, but they change the pictures.
  environment: { font: FONT_VERSION },

  async run({ params, inputs, outputs, progress, signal }) {
    const sample = await inputs.sample.read();
    const genes = await inputs.genes.read();
    const data: ReportData = {
      ...params,
      typePairs: await inputs.type_pairs.read(),
      separation: await inputs.separation.read(),
      cutoffs: await inputs.cutoffs.read(),
      neighborPurity: await inputs.neighbor_purity.read(),
      encodings: await inputs.encodings?.read(),
      diagnostics: await inputs.diagnostics?.read(),
      perturbations: await inputs.perturbations?.read(),
      joint: await inputs.joint.read(),
      agreement: await inputs.agreement.read(),
      sparsity: await inputs.sparsity.read(),
      cellTypes: await inputs.cell_types.read(),
      told: await inputs.told.read(),
      distributions: await Promise.all(inputs.distributions.map((d) => d.read())),
      embeddings: await Promise.all(
        inputs.embeddings.map(async (e, i) => ({ info: params.embeddings[i], embedding: await e.read() })),
      ),
      sample: { totalCounts: sample.total_counts, genes: sample.n_genes, sparsity: sample.sparsity },
      genes: {
        kept: genes.highly_variable.length,
        variable: genes.highly_variable.filter((variable) => variable).length,
      },
    };

    const { renderReport } = await import('../lib/report/render.ts');
    const page = await renderReport(data, {
      write: (name, content) => outputs.figures.write(name, content),
      onFigure(done, total, name) {
        signal.throwIfAborted();
        progress(done, total, name);
      },
    });
    await outputs.html.write(page);
  },
});

function measureInfo(
  { encodings, embeddings }: ReportConfig,
  name: string,
  { of, metric }: { readonly of: string; readonly metric: string },
): MeasureInfo {
  // A name that is neither an encoding nor an embedding is reported by the check of the stage `similarity`.
  return isEmbedding({ embeddings }, of)
    ? {
        name,
        metric,
        of,
        source: 'embedding',
        method: embeddings[of].method,
        from: (embeddings[of] as EmbeddingShape).of ?? null,
      }
    : {
        name,
        metric,
        of,
        source: 'encoding',
        method: (Object.hasOwn(encodings, of) ? encodings[of].kind : undefined) ?? 'unknown',
        from: null,
      };
}
