/**
 * A space: cells, and a metric that gives every pair of them a number. All that reads pairs (groups, neighbours,
 * joint histograms) sees spaces and nothing of how their values are made.
 */
import type { KernelRows, Tile, TileValues } from '../../kernels/pairs.ts';

export type { Tile, TileValues } from '../../kernels/pairs.ts';

export interface Space {
  readonly rows: number;
  /** Its name: see metric.ts. */
  readonly metric: string;
  /**
   * 1 for a row that the metric is defined for, else 0: a constant row has no correlation, a row of zeros no
   * cosine. Pairs with such a row have no value; what a tile holds for them means nothing.
   */
  readonly defined: Uint8Array;
  /** True if pairs of defined rows may lack a value too: a tile holds NaN for them. */
  readonly partial?: boolean;
  /** What the rows are: genes that take part (zeros included), or dimensions of an embedding. */
  readonly size: { readonly genes: number } | { readonly dims: number };
  /** For other threads, of a space that can be shared. */
  readonly shared?: SharedSpace;
  /** Values of the pairs of a tile. They are overwritten by the next call. */
  tile(tile: Tile): TileValues;
}

/** What another thread needs to have the same space. It crosses threads by structured clone. */
export interface SharedSpace extends Pick<Space, 'rows' | 'metric' | 'size'> {
  readonly kernelRows: KernelRows;
  readonly defined: Uint8Array;
}
