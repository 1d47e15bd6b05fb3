/** What a method of finding nearest neighbours is. A method is a file `method.ts` in a folder of its own and a line in methods.ts. */
import type { Csr } from '../cells/csr.ts';
import type { Team } from '../flow/workers/parallel.ts';
import type { NearestRows } from '../kernels/nearest.ts';
import type { Space } from '../pairwise/spaces/space.ts';

/** Facts of the rows that are searched, by which a method is chosen. */
export type RowFacts = { readonly rows: number; readonly metric: string } & (
  | { readonly kind: 'space' }
  | { readonly kind: 'embedding'; readonly dims: number }
  | { readonly kind: 'matrix'; readonly columns: number; readonly notes: Readonly<Record<string, string>> }
);

/** Points × dims, finite. */
export interface Points {
  readonly values: Float32Array;
  readonly dims: number;
}

/** The rows that are searched, in the forms that methods take: each is read when it is asked for. */
export interface SearchedRows {
  facts(): Promise<RowFacts>;
  space(): Promise<Space>;
  /** Of a matrix, in shared memory. */
  matrix(): Promise<Csr>;
  /** Of an embedding. */
  points(): Promise<Points>;
}

/** How good approximate neighbours are. */
export interface Recall {
  /** Rows that were drawn to look up their exact neighbours. */
  readonly cells: number;
  /** Share of their neighbours, as found, that are exact, ties included: mean over these rows, and of the worst. */
  readonly mean: number;
  readonly worst: number;
}

/** The k nearest of all rows, rows × k: the row itself first, then the others by distance, ties by number. */
export interface Nearest extends NearestRows {
  /** Rows that the metric is not defined for, ascending. */
  readonly withoutValue: readonly number[];
  /** Of approximate neighbours. */
  readonly recall?: Recall;
}

export interface SearchContext {
  readonly team: Team;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, total: number, unit?: string) => void;
}

export interface NearestMethod {
  readonly name: string;
  /** False: some neighbours may be missed, and a recall is told. Exact methods find the same to the last bit. */
  readonly isExact: boolean;
  /** True if one call keeps all cores busy; else work is cut into parts for them (exact/parts.ts). */
  readonly usesAllCores: boolean;
  /** Memory of a search, in bytes a row, besides rows and lists. */
  readonly bytesPerRow: number;
  /**
   * Whether the method can search these rows, and takes less time than those after it in the registry.
   *
   * @param k the row itself counted
   */
  pays(rows: RowFacts, k: number): boolean;
  /** Whether it is fast for any number of such rows, so that no approximation is needed. */
  scales(rows: RowFacts): boolean;
  /** @param k the row itself counted; more than there are rows is all of them */
  search(rows: SearchedRows, k: number, context: SearchContext): Promise<Nearest>;
}

/** Rows [start, end) that the metric of a space is not defined for. */
export function undefinedRows({ defined }: Space, start: number, end: number): number[] {
  const rows: number[] = [];
  for (let row = start; row < end; row++) if (defined[row] === 0) rows.push(row);
  return rows;
}
