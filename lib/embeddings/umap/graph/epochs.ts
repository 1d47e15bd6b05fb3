/** How often an edge is drawn in the rounds of gradient descent: in proportion to its weight, the heaviest always. */
import { epochsFor } from '../parameters.ts';
import type { Graph } from './graph.ts';

/** With this many epochs or fewer, umap-learn prunes as if it had the default number. */
const FEW_EPOCHS = 10;

export function heaviest({ weights }: Graph): number {
  let most = 0;
  for (let e = 0; e < weights.length; e++) if (weights[e] > most) most = weights[e];
  return most;
}

/** The weight that an edge needs to be drawn in some epoch, w_max / epochs, in 32 bits. */
export function leastWeight(cells: number, epochs: number, heaviestWeight: number): number {
  return Math.fround(heaviestWeight / (epochs > FEW_EPOCHS ? epochs : epochsFor(cells, null)));
}
