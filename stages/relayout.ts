import { embedding } from '../lib/data/kinds/embedding.ts';
import { matrix } from '../lib/data/kinds/matrix.ts';
import { neighbors } from '../lib/data/kinds/neighbors.ts';
import { table } from '../lib/data/kinds/table.ts';
import type { EmbeddingInput, MatrixInput } from '../lib/data/kinds/types.ts';
import { columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import { principalComponents } from '../lib/embeddings/pca/principal-components.ts';
import { centroidDistancesOf, readCentered } from '../lib/embeddings/umap/read-rows.ts';
import { layoutByRankloom } from '../lib/embeddings/umap/umap.ts';
import { registryModule } from '../lib/encodings/index.ts';
import { type ComparisonConfig, layoutOf, subjectsOf } from '../lib/evaluation/fidelity/subject.ts';
import { type ArtifactRef, defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { neighborsInstance } from '../lib/neighbors/neighbors-name.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import type { UmapOptions } from '../lib/study/sections/embeddings.ts';

/** Besides what a comparison is told, the options of embeddings. */
type RelayoutConfig = ComparisonConfig & Pick<StudyConfig, 'embeddings'>;

const sampleColumns = columnsOf(sampleTable, 'cell_id', 'label');

/**
 * The layout of the reference once more, from the same neighbours by another seed: how far two of them agree is the
 * most that anything compared with a layout can reach.
 */
export default defineStage({
  module: import.meta.url,
  name: 'relayout',
  about: 'Lays the reference out again by another seed: the ceiling of what agrees with a layout.',
  apart: [registryModule],
  each: (config: RelayoutConfig) =>
    subjectsOf(config).some(({ control }) => control === 'second-layout') ? [''] : [],
  params(config) {
    const { dims, minDist, spread, epochs, init, negativeSamples } = umapOf(config);
    const { setOpMixRatio, localConnectivity, repulsion, seed } = umapOf(config);
    const shape = { dims, minDist, spread, epochs, init, seed };
    return { ...shape, negativeSamples, setOpMixRatio, localConnectivity, repulsion };
  },
  inputs(config) {
    const { of, metric, neighbors: k, fitCells } = umapOf(config);
    const rows: ArtifactRef<MatrixInput | EmbeddingInput> = from(
      `encode[${of}].encoded`,
      matrix(),
      embedding(),
    );
    return {
      sample: from('subset.sample', table(sampleColumns)),
      neighbors: from(`neighbors[${neighborsInstance(of, metric, k, fitCells)}].neighbors`, neighbors()),
      rows,
    };
  },
  needs: { memory: ({ bytes: { rows, neighbors } }) => 64 * MB + 2 * rows + 30 * neighbors },
  outputs: { embedding: output(embedding()) },
  random: true,
  cores: () => 'all',

  async run({ params, inputs, outputs, random, progress, signal, crew }) {
    const { cell_id: cellIds, label: labels } = await inputs.sample.read();
    const { dims, init, seed } = params;
    const principal =
      init === 'pca'
        ? await principalComponents(await readCentered(inputs.rows, cellIds), { dims })
        : undefined;
    const values = await layoutByRankloom(
      await inputs.neighbors.read(),
      {
        ...params,
        centroidDistances: centroidDistancesOf(inputs.rows, cellIds),
        principalComponents: principal?.scores,
      },
      {
        random: random.stream('umap', seed),
        onEpoch: (done, total) => progress(done, total, 'epochs'),
        signal,
        crew,
      },
    );
    await outputs.embedding.write({ cellIds, labels, dims, values });
  },
});

/** The layout's options, as the embed stage has them. */
function umapOf(config: RelayoutConfig): UmapOptions {
  const options = config.embeddings[layoutOf(config)!];
  if (options.method !== 'umap') throw new Error('Internal error: the layout of the reference is no UMAP');
  return options;
}
