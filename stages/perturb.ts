/** Stage that perturbs cells slightly, by fewer counts or one changed gene, and measures how far their encoding moves. */
import { parquet } from '../lib/data/kinds/parquet.ts';
import { requireSameCells } from '../lib/data/kinds/same-cells.ts';
import { encodingPerturbationsTable } from '../lib/data/results/tables.ts';
import { encodingCode, encodingParams, OWN_NAMES, registryModule } from '../lib/encodings/index.ts';
import { encoderSlots, prepareEncoding } from '../lib/encodings/prepare.ts';
import type { Probe } from '../lib/evaluation/perturbation/moves.ts';
import type { CellCounts } from '../lib/evaluation/perturbation/probes.ts';
import { defineStage, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { cellTypes, typeSize } from '../lib/pairwise/tiles/type-pairs.ts';
import type { StudyConfig } from '../lib/study/config.ts';
import { perturbSection } from '../lib/study/sections/perturb.ts';

type PerturbConfig = Pick<StudyConfig, 'encodings' | 'perturb'>;

/** Number of entries of perturbed rows that are encoded at once. */
const BATCH = 2_000_000;

/** Original cell, followed by its perturbations by the probes with the given numbers. */
interface Disturbed {
  readonly id: string;
  /** Row of the cell in the space of all cells, which is ordered by type. */
  readonly position: number;
  readonly type: number;
  readonly cells: CellCounts[];
  readonly probes: number[];
}

export default defineStage({
  module: import.meta.url,
  name: 'perturb',
  about: 'Says how far cells move in an encoding when they lose counts, or when one gene changes.',
  config: perturbSection,
  each: ({ encodings, perturb }: PerturbConfig) => (perturb === null ? [] : Object.keys(encodings)),
  code: ({ encodings }, instance) => encodingCode(encodings[instance]),
  names: OWN_NAMES,
  externals: [registryModule],
  params: ({ encodings, perturb }, instance) => ({
    encoding: encodingParams(encodings[instance]),
    ...perturb!,
  }),
  inputs: ({ encodings }, instance) => encoderSlots(instance, encodings[instance]),
  needs: { memory: ({ bytes: { encoded, sample } }) => 256 * MB + 3.2 * encoded + 16 * sample },
  outputs: { perturbations: output(parquet(encodingPerturbationsTable)) },
  random: true,

  async run({ params, inputs, outputs, random, progress, signal }) {
    // Imported here, since commands that only list stages do not need these modules.
    const { distances, naturalMetric, nearestOther, sameRow, spaceOfRows } = await import(
      '../lib/evaluation/perturbation/distance.ts'
    );
    const { Moves, moveOf } = await import('../lib/evaluation/perturbation/moves.ts');
    const { blockOf, cellOf, chosenGenes, fold, thin } = await import(
      '../lib/evaluation/perturbation/probes.ts'
    );
    const { openSpace } = await import('../lib/pairwise/spaces/index.ts');

    const { depths, folds, cellsPerType, genesPerCell } = params;
    const { sample, columns, reading, encoder } = await prepareEncoding(params.encoding, inputs, random);
    const types = cellTypes(sample.label);
    const metric = naturalMetric(params.encoding.kind);
    await requireSameCells(inputs.encoded, sample.cell_id);
    const all = await openSpace(inputs.encoded, metric, types.order);
    const probes: Probe[] = [
      ...depths.map((amount): Probe => ({ kind: 'depth', amount })),
      ...folds.map((amount): Probe => ({ kind: 'fold', amount })),
    ];
    const moves = new Moves(probes, types.names);

    // Position by type of each perturbed cell, −1 for the others; by row.
    const positions = new Int32Array(types.order.length).fill(-1);
    for (const [type, name] of types.names.entries()) {
      const size = typeSize(types, type);
      const drawn = random.stream('cells', name).sample(size, Math.min(size, cellsPerType));
      for (const i of drawn) positions[types.order[types.starts[type] + i]] = types.starts[type] + i;
    }

    let batch: Disturbed[] = [];
    let entries = 0;
    const settle = async () => {
      await addMoves(batch);
      batch = [];
      entries = 0;
    };
    const addMoves = async (disturbed: readonly Disturbed[]) => {
      if (disturbed.length === 0) return;
      const cells = disturbed.flatMap((one) => one.cells);
      const { matrix } = encoder.encodeBlock(blockOf(cells, columns), {
        ids: disturbed.flatMap(({ id, cells }) => cells.map(() => id)),
        totals: Float64Array.from(cells, ({ total }) => total),
      });
      const space = await spaceOfRows(matrix, metric, encoder.metadata);
      let first = 0;
      for (const { position, type, cells, probes: numbers } of disturbed) {
        const nearest = nearestOther(all, position, types.starts[type], types.starts[type + 1]);
        const moved = distances(space, first, first + 1, first + cells.length);
        for (const [i, probe] of numbers.entries()) {
          const unchanged = sameRow(matrix, first, first + 1 + i);
          moves.add(probe, type, moveOf(unchanged, moved[i], nearest));
        }
        first += cells.length;
      }
    };

    const typeOf = (position: number) => types.starts.findLastIndex((start) => start <= position);
    const counts = await inputs.counts.open();
    try {
      for await (const block of counts.blocks()) {
        for (let row = 0; row < block.rows; row++) {
          const position = positions[block.start + row];
          if (position < 0) continue;
          signal.throwIfAborted();
          const id = block.cellIds[row];
          const cell = cellOf(block, row, sample.total_counts[block.start + row]);
          const isRead = (column: number) => reading.home[column] >= 0;
          const genes = chosenGenes(cell, isRead, genesPerCell, random.stream('genes', id));
          const cells = [
            cell,
            ...thin(cell, depths, random.stream('thin', id)),
            ...folds.flatMap((factor) => genes.map((place) => fold(cell, place, factor))),
          ];
          const numbers = [
            ...depths.map((_, d) => d),
            ...folds.flatMap((_, f) => genes.map(() => depths.length + f)),
          ];
          batch.push({ id, position, type: typeOf(position), cells, probes: numbers });
          entries += cells.length * Math.max(1, cell.genes.length);
          if (entries >= BATCH) await settle();
        }
        progress(block.start + block.rows, counts.rows);
      }
      await settle();
    } finally {
      await counts.close();
    }
    await outputs.perturbations.write(moves.columns(metric));
  },
});
