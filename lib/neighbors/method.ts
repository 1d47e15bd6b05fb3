/**
 * Interface of a method that finds nearest neighbours. A method is a file `method.ts` in its own folder and a line in
 * methods.ts.
 */
import type { Csr } from '../cells/csr.ts';
import type { Team } from '../flow/workers/parallel.ts';
import type { NearestRows } from '../kernels/nearest.ts';
import type { Space } from '../pairwise/spaces/space.ts';

/** Facts about the searched rows, by which a method is chosen. */
export type RowFacts = { readonly rows: number; readonly metric: string } & (
  | { readonly kind: 'space' }
  | { readonly kind: 'embedding'; readonly dims: number }
  | { readonly kind: 'matrix'; readonly columns: number; readonly notes: Readonly<Record<string, string>> }
);

/** Coordinates, points × dims, all finite. */
export interface Points {
  readonly values: Float32Array;
  readonly dims: number;
}

/** Searched rows, in the forms that methods take; each form is read on demand. */
export interface SearchedRows {
  facts(): Promise<RowFacts>;
  space(): Promise<Space>;
  /** Rows of a matrix, in shared memory. */
  matrix(): Promise<Csr>;
  /** Rows of an embedding. */
  points(): Promise<Points>;
}

/** Recall of approximate neighbours, measured on a sample of rows. */
export interface Recall {
  /** Number of sampled rows, whose exact neighbours are looked up. */
  readonly cells: number;
  /** Share of exact neighbours, ties included, among those found: mean over the sampled rows, and of the worst row. */
  readonly mean: number;
  readonly worst: number;
}

/** Nearest rows of all rows, rows × k: the row itself first, then the others by distance, ties by number. */
export interface Nearest extends NearestRows {
  /** Rows for which the metric is not defined, ascending. */
  readonly withoutValue: readonly number[];
  /** Recall, of approximate neighbours only. */
  readonly recall?: Recall;
}

export interface SearchContext {
  readonly team: Team;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, total: number, unit?: string) => void;
}

export interface NearestMethod {
  readonly name: string;
  /**
   * Whether neighbours are exact: exact methods agree to the last bit. Other methods may miss some neighbours, and return
   * a recall.
   */
  readonly isExact: boolean;
  /** Whether one call keeps all cores busy; else work is split into parts for them (exact/parts.ts). */
  readonly usesAllCores: boolean;
  /** Memory of a search, in bytes per row, besides rows and lists. */
  readonly bytesPerRow: number;
  /**
   * Whether the method can search these rows, and takes less time than the methods after it in the registry.
   *
   * @param k number of neighbours, the row itself counted
   */
  pays(rows: RowFacts, k: number): boolean;
  /** Whether the method is fast for any number of such rows, so that no approximation is needed. */
  scales(rows: RowFacts): boolean;
  /** Finds the nearest rows. @param k number of neighbours, the row itself counted; more than all rows means all rows */
  search(rows: SearchedRows, k: number, context: SearchContext): Promise<Nearest>;
}

/** Returns those of the rows [start, end) for which the metric of a space is not defined. */
export function undefinedRows({ defined }: Space, start: number, end: number): number[] {
  const rows: number[] = [];
  for (let row = start; row < end; row++) if (defined[row] === 0) rows.push(row);
  return rows;
}
