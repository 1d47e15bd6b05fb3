/**
 * Space of cells: rows, and a metric that gives every pair of rows a number. Code that reads pairs (groups, neighbours,
 * joint histograms) depends on spaces only, not on how their values are computed.
 */
import type { KernelRows, Tile, TileValues } from '../../kernels/pairs.ts';

export type { Tile, TileValues } from '../../kernels/pairs.ts';

export interface Space {
  readonly rows: number;
  /** Name of the metric: see metric.ts. */
  readonly metric: string;
  /**
   * Flag per row: 1 if the metric is defined for it, else 0. A constant row has no correlation, a row of zeros no cosine.
   * Pairs with a row of flag 0 have no value, and the numbers of a tile for them are meaningless.
   */
  readonly defined: Uint8Array;
  /** Whether pairs of defined rows may also lack a value, for which a tile holds NaN. */
  readonly partial?: boolean;
  /** Length of the rows: genes that take part (zeros included), or dimensions of an embedding. */
  readonly size: { readonly genes: number } | { readonly dims: number };
  /** Description for other threads, of a space that can be shared. */
  readonly shared?: SharedSpace;
  /** Computes the values of the pairs of a tile. The next call overwrites them. */
  tile(tile: Tile): TileValues;
}

/** Description from which another thread opens the same space. It is passed by structured clone. */
export interface SharedSpace extends Pick<Space, 'rows' | 'metric' | 'size'> {
  readonly kernelRows: KernelRows;
  readonly defined: Uint8Array;
}
