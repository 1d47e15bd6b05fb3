import type { TileVisitor } from '../tiles/group-values.ts';
import type { GroupColumns } from './group-table.ts';
import type { Moments } from './moments.ts';
import type { NarrowCounts } from './narrow-counts.ts';

export interface PassOptions {
  /** Called some tens of times in a pass, not more often, since each call is a message to another thread. */
  readonly progress?: (pairsDone: number) => void;
  readonly signal?: AbortSignal;
  /** Called with each tile that is read. */
  readonly visitTile?: TileVisitor;
  /** Largest numbers of values counted in 32 bits, and of values held of a set of pairs; smaller in tests. */
  readonly mostCounted?: number;
  readonly mostHeld?: number;
}

/** Set of pairs of one part: counts by bin, and the held values, null if they were too many. */
export interface PartSet {
  readonly counts: NarrowCounts;
  readonly held: Float32Array | null;
}

/** Result of one part of the first pass, as plain data and arrays of numbers. */
export interface PairCounts {
  /** Groups whose pairs were all in the part. */
  readonly groups: GroupColumns;
  /** Shares of groups that other parts have more of: at most the first and the last group of the part. */
  readonly split: readonly SplitGroup[];
  readonly within: PartSet;
  readonly between: PartSet;
}

/** Share of a part in a group that several parts have pairs of. */
export interface SplitGroup {
  readonly group: number;
  /** Moments of each piece, so that sums are added in the same order however pieces are distributed. */
  readonly pieces: readonly Moments[];
  readonly counts: NarrowCounts;
  /** Held values; null if they were too many. */
  readonly held: Float32Array | null;
}
