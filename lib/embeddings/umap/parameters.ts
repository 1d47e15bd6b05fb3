/**
 * Parameters of a UMAP layout. Names and defaults follow umap-learn (McInnes, Healy and Melville, 2018; lmcinnes/umap
 * umap/umap_.py): minDist is `min_dist`, epochs `n_epochs`, and so on.
 */
import type { RandomStream } from '../../flow/random.ts';

export interface LayoutParameters {
  readonly dims: number;
  /** Distance below which points of the layout count as close together, in units of `spread`. */
  readonly minDist: number;
  readonly spread: number;
  /** Number of rounds of gradient descent; null: the result of `epochsFor`. */
  readonly epochs: number | null;
}

/** Inputs of a layout engine besides the neighbours and parameters. */
export interface LayoutRun {
  readonly random: RandomStream;
  /** Called after each epoch. */
  onEpoch?(done: number, total: number): void;
  /** Called with notes for the user about the result. */
  onNote?(note: string): void;
  readonly signal?: AbortSignal;
}

/** Returns the number of epochs, by default umap-learn's: 500 up to 10,000 cells, 200 above. */
export function epochsFor(cells: number, epochs: number | null): number {
  return epochs ?? (cells <= 10_000 ? 500 : 200);
}
