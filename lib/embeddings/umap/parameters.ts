/**
 * What a UMAP layout is asked for. Names and defaults follow umap-learn (McInnes, Healy and Melville, 2018;
 * lmcinnes/umap umap/umap_.py): minDist is `min_dist`, epochs `n_epochs`, and so on.
 */
import type { RandomStream } from '../../flow/random.ts';

export interface LayoutParameters {
  readonly dims: number;
  /** Distance below which points of the layout count as close together, in units of `spread`. */
  readonly minDist: number;
  readonly spread: number;
  /** Rounds of gradient descent; null: as many as `epochsFor` says. */
  readonly epochs: number | null;
}

/** What a layout engine is given besides the neighbours. */
export interface LayoutRun {
  readonly random: RandomStream;
  /** Called after each epoch. */
  onEpoch?(done: number, total: number): void;
  /** Called with what the user should know about the result. */
  onNote?(note: string): void;
  readonly signal?: AbortSignal;
}

/** umap-learn's rule: 500 epochs up to 10,000 cells, 200 above. */
export function epochsFor(cells: number, epochs: number | null): number {
  return epochs ?? (cells <= 10_000 ? 500 : 200);
}
