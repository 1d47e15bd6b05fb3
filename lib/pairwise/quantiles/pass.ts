import type { TileVisitor } from '../tiles/group-values.ts';
import type { GroupColumns } from './group-table.ts';
import type { Moments } from './moments.ts';
import type { NarrowCounts } from './narrow-counts.ts';

export interface PassOptions {
  /** Told some tens of times how far the pass is: each time is a message to another thread. */
  readonly progress?: (pairsDone: number) => void;
  readonly signal?: AbortSignal;
  /** Told of each tile that is read. */
  readonly visitTile?: TileVisitor;
  /** Values that 32-bit counts are trusted with, and values held of a set of pairs: fewer in tests. */
  readonly mostCounted?: number;
  readonly mostHeld?: number;
}

/** A set of pairs as one part found it: counts by bin, and values held, null if they were too many. */
export interface PartSet {
  readonly counts: NarrowCounts;
  readonly held: Float32Array | null;
}

/** What one part of the first pass finds, as plain data and arrays of numbers. */
export interface PairCounts {
  /** Groups whose pairs were all in the part. */
  readonly groups: GroupColumns;
  /** What it has of groups that other parts have more of: the first and the last at most. */
  readonly split: readonly SplitGroup[];
  readonly within: PartSet;
  readonly between: PartSet;
}

/** What a part has of a group that it shares with others. */
export interface SplitGroup {
  readonly group: number;
  /** Of each piece, so that sums are added in the same order however pieces are shared out. */
  readonly pieces: readonly Moments[];
  readonly counts: NarrowCounts;
  /** Null if they were too many. */
  readonly held: Float32Array | null;
}
