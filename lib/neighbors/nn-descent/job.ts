/** What the threads of a descent share. Crosses threads by structured clone: all arrays lie in shared memory. */
import { BARRIER_WORDS } from '../../kernels/barrier.ts';
import type { KernelRows } from '../../kernels/pairs.ts';

/** Random pivot trees whose leaves give the first neighbours. */
export const TREES = 8;
/** Rounds at most; the limit of changes ends them before. */
export const MOST_ROUNDS = 16;
/** A round that changes no more than this share of all places in the pools is the last. */
export const FEW_CHANGES = 0.001;
/** Candidates of each kind that a row introduces to each other in a round. */
export const CANDIDATES = 32;
/** A pool holds at least so many neighbours: with few, the descent gets stuck before it has found them. */
const LEAST_POOL = 64;
/** Rows whose candidates meet before what was found is taken into the pools, and those of a piece of work. */
export const BLOCK = 4096;
export const PIECE = 128;
/** Pairs that the candidates of a row make. */
export const PAIRS = (CANDIDATES * (CANDIDATES - 1)) / 2 + CANDIDATES * CANDIDATES;

/** Rows of a space, as the team needs them. */
export interface DescentRows {
  readonly kernelRows: KernelRows;
  readonly rows: number;
  /** 1 for a row that the metric is defined for. */
  readonly defined: Uint8Array;
  /** True if larger values are nearer: the distance is 1 minus the value. */
  readonly isSimilarity: boolean;
}

/** The nearest found so far, rows × size, nearest first; −1 at an infinite distance where there is none yet. */
export interface PoolArrays {
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  /** 1 for a neighbour that has not been introduced to the others. */
  readonly fresh: Uint8Array;
}

/** Candidates of one kind, rows × CANDIDATES, in no order but with the largest priority first. */
export interface CandidateArrays {
  readonly counts: Uint8Array;
  readonly rows: Int32Array;
  readonly priorities: Uint32Array;
}

/** Pairs that were found near, piece by piece: BLOCK / PIECE pieces of PIECE × PAIRS each. */
export interface FoundArrays {
  readonly counts: Int32Array;
  readonly one: Int32Array;
  readonly other: Int32Array;
  readonly distances: Float32Array;
}

export interface DescentJob extends DescentRows {
  /** Neighbours that are wanted of each row, itself not counted. */
  readonly k: number;
  readonly poolSize: number;
  readonly pools: PoolArrays;
  /** TREES × rows: the rows leaf by leaf, and 1 at the last of each leaf. */
  readonly order: Int32Array;
  readonly leafEnds: Uint8Array;
  readonly fresh: CandidateArrays;
  readonly old: CandidateArrays;
  readonly found: FoundArrays;
  /** Places of the pools that each round changed. */
  readonly changes: Int32Array;
  /** Rows whose exact neighbours are looked up, and how many of these are in their pools. */
  readonly sample: Int32Array;
  readonly hits: Int32Array;
  /** Two words of random bits. */
  readonly keys: readonly [number, number];
  readonly barrier: Int32Array;
}

const int32 = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
const uint32 = (length: number) => new Uint32Array(new SharedArrayBuffer(4 * length));
const float32 = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
const uint8 = (length: number) => new Uint8Array(new SharedArrayBuffer(length));

/** @param k at most one less than there are rows */
export function descentJob(
  space: DescentRows,
  k: number,
  sample: Int32Array,
  keys: readonly [number, number],
): DescentJob {
  const { rows, kernelRows, defined, isSimilarity } = space;
  const poolSize = Math.min(rows - 1, Math.max(k, LEAST_POOL));
  const places = rows * poolSize;
  const candidates = () => ({
    counts: uint8(rows),
    rows: int32(rows * CANDIDATES),
    priorities: uint32(rows * CANDIDATES),
  });
  const pairs = Math.ceil(Math.min(BLOCK, rows) / PIECE) * PIECE * PAIRS;
  return {
    kernelRows,
    rows,
    defined,
    isSimilarity,
    k,
    poolSize,
    pools: {
      indices: int32(places).fill(-1),
      distances: float32(places).fill(Number.POSITIVE_INFINITY),
      fresh: uint8(places),
    },
    order: int32(TREES * rows),
    leafEnds: uint8(TREES * rows),
    fresh: candidates(),
    old: candidates(),
    found: {
      counts: int32(BLOCK / PIECE),
      one: int32(pairs),
      other: int32(pairs),
      distances: float32(pairs),
    },
    changes: int32(MOST_ROUNDS),
    sample,
    hits: int32(sample.length),
    keys,
    barrier: int32(BARRIER_WORDS),
  };
}
