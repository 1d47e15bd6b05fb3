/** Sampling of edges in the epochs of gradient descent: in proportion to their weight, the heaviest in every epoch. */
import { epochsFor } from '../parameters.ts';
import type { Graph } from './graph.ts';

/** Number of epochs up to which umap-learn prunes as with the default number. */
const FEW_EPOCHS = 10;

export function heaviest({ weights }: Graph): number {
  let most = 0;
  for (let e = 0; e < weights.length; e++) if (weights[e] > most) most = weights[e];
  return most;
}

/** Returns the least weight of an edge that is drawn in some epoch, w_max / epochs, in 32 bits. */
export function leastWeight(cells: number, epochs: number, heaviestWeight: number): number {
  return Math.fround(heaviestWeight / (epochs > FEW_EPOCHS ? epochs : epochsFor(cells, null)));
}
