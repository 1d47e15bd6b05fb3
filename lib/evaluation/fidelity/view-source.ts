/** Views of a subject, one open at a time. */
import { requireSameCells } from '../../data/kinds/same-cells.ts';
import type { EmbeddingInput, MatrixInput, TableInput } from '../../data/kinds/types.ts';
import { type EncodingParams, filesAmong } from '../../encodings/index.ts';
import type { GenesInput } from '../../encodings/prepare.ts';
import type { RandomSource } from '../../flow/random.ts';
import type { ExternalFile } from '../../flow/stage.ts';
import { type CountPlan, planCounts } from '../../pairwise/quantiles/count-plan.ts';
import { type Sharing, sharedSpace } from '../../pairwise/spaces/kernel-space.ts';
import { openSpace } from '../../pairwise/spaces/open-space.ts';
import type { RowsInput } from '../../pairwise/spaces/row-source.ts';
import type { Space } from '../../pairwise/spaces/space.ts';
import { type CellTypes, cellTypes } from '../../pairwise/tiles/type-pairs.ts';
import { depthEmbedding, halfOfGenes, randomOrder } from './controls.ts';
import { encodeReplicate, type ReplicateInputs } from './replicate.ts';
import { type ValueShares, valueShares } from './value-shares.ts';
import type { Control, View } from './view.ts';
import { splitGroupsOf } from './work.ts';

/** Part of a stage's context that views need. */
export interface Surroundings extends Sharing {
  forget(name: string): void;
  readonly params: {
    readonly control: Control | null;
    readonly views: readonly View[];
    readonly encoding: EncodingParams | null;
  };
  readonly inputs: {
    readonly sample: TableInput<{
      readonly cell_id: 'utf8';
      readonly label: 'utf8';
      readonly total_counts: 'float64';
    }>;
    readonly rows?: MatrixInput | EmbeddingInput;
    readonly second?: MatrixInput | EmbeddingInput;
    readonly counts?: MatrixInput;
    readonly genes?: GenesInput;
    readonly [file: `file.${string}`]: ExternalFile;
  };
  readonly random: RandomSource;
}

/** Returns accessors of the views: the cells by type, the space, and the guide of the first pass. */
export function viewSource({ params, inputs, random, keep, shared, forget }: Surroundings) {
  const { control, views, encoding } = params;
  const sample = () => keep('sample', () => inputs.sample.read());
  // Types differ between views only for shuffled labels.
  const types = (v: number): Promise<CellTypes> => {
    const { replicate } = views[v];
    if (control !== 'shuffled-labels') return keep('types', async () => cellTypes((await sample()).label));
    return keep(`types ${replicate}`, async () => {
      const label = [...(await sample()).label];
      return cellTypes(random.stream('labels', replicate).shuffle(label));
    });
  };
  const held = async <T extends MatrixInput | EmbeddingInput>(input: T): Promise<T> => {
    await requireSameCells(input, (await sample()).cell_id);
    return input;
  };
  const rows = async ({ replicate, half }: View): Promise<RowsInput | EmbeddingInput> => {
    if (control === 'depth') {
      const { total_counts: totals } = await sample();
      return { kind: 'embedding', read: async () => depthEmbedding(totals) };
    }
    if (control === 'second-layout') return held(half === 0 ? inputs.rows! : inputs.second!);
    if (control === 'split-half' || control === 'random-order') {
      const reference = await held(inputs.rows as MatrixInput);
      if (control === 'random-order') {
        const stream = random.stream('order', replicate);
        return randomOrder(reference, (row) => stream.at(row));
      }
      return halfOfGenes(reference, half!, random.stream('halves', replicate));
    }
    if (encoding === null || replicate === 0) return held(inputs.rows!);
    const { total_counts: totals } = await sample();
    const sources: ReplicateInputs = {
      counts: await held(inputs.counts!),
      genes: await inputs.genes!.read(),
      totals,
      files: filesAmong(inputs),
    };
    return encodeReplicate(encoding, sources, random, replicate);
  };
  /** Opens the space of a view, one at a time: this thread releases the spaces of the other views. */
  const space = (v: number): Promise<Space> => {
    for (const other of views.keys()) {
      if (other !== v) for (const name of [`space ${other}`, `guide ${other}`]) forget(name);
    }
    return sharedSpace({ keep, shared }, `space ${v}`, async () => {
      return openSpace(await rows(views[v]), views[v].metric, (await types(v)).order);
    });
  };
  /** Computes the inputs of the first pass over a view. */
  const guide = (v: number): Promise<{ plan: CountPlan; shares: ValueShares }> =>
    shared(`guide ${v}`, async () => {
      const [own, of] = [await space(v), await types(v)];
      return { plan: await planCounts(own, of, splitGroupsOf(of)), shares: valueShares(own, of) };
    });
  return { types, space, guide };
}
