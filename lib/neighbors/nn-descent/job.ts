/** Data shared by the threads of a descent. Passed by structured clone; all arrays lie in shared memory. */
import { BARRIER_WORDS } from '../../kernels/barrier.ts';
import type { KernelRows } from '../../kernels/pairs.ts';

/** Number of random pivot trees whose leaves give the first neighbours. */
export const TREES = 8;
/** Largest number of rounds; `FEW_CHANGES` usually ends the descent earlier. */
export const MOST_ROUNDS = 16;
/** Share of all places in the pools: a round that changes no more of them is the last. */
export const FEW_CHANGES = 0.001;
/** Largest number of candidates of each kind of a row in a round. */
export const CANDIDATES = 32;
/** Smallest size of a pool: with fewer neighbours, the descent stops improving before it has found them. */
const LEAST_POOL = 64;
/** Rows whose candidates are compared before the pools are updated, and rows per piece of work. */
export const BLOCK = 4096;
export const PIECE = 128;
/** Largest number of pairs among the candidates of a row: new with new, and new with old. */
export const PAIRS = (CANDIDATES * (CANDIDATES - 1)) / 2 + CANDIDATES * CANDIDATES;

/** Rows of a space, in the form that the team needs. */
export interface DescentRows {
  readonly kernelRows: KernelRows;
  readonly rows: number;
  /** Flag per row: 1 if the metric is defined for it. */
  readonly defined: Uint8Array;
  /** Whether larger values are nearer: the distance is then 1 minus the value. */
  readonly isSimilarity: boolean;
}

/** Pools: nearest rows found so far, rows × size, nearest first; −1 at an infinite distance in free places. */
export interface PoolArrays {
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  /** Flag per neighbour: 1 if it has not been a new candidate yet. */
  readonly fresh: Uint8Array;
}

/** Candidates of one kind, rows × CANDIDATES, the largest priority first, else unordered. */
export interface CandidateArrays {
  readonly counts: Uint8Array;
  readonly rows: Int32Array;
  readonly priorities: Uint32Array;
}

/** Near pairs found by each piece: BLOCK / PIECE pieces with room for PIECE × PAIRS pairs each. */
export interface FoundArrays {
  readonly counts: Int32Array;
  readonly one: Int32Array;
  readonly other: Int32Array;
  readonly distances: Float32Array;
}

export interface DescentJob extends DescentRows {
  /** Number of neighbours wanted for each row, the row itself not counted. */
  readonly k: number;
  readonly poolSize: number;
  readonly pools: PoolArrays;
  /** Trees, TREES × rows: row numbers leaf by leaf, and flags that are 1 at the last row of each leaf. */
  readonly order: Int32Array;
  readonly leafEnds: Uint8Array;
  readonly fresh: CandidateArrays;
  readonly old: CandidateArrays;
  readonly found: FoundArrays;
  /** Number of places of the pools that each round changed. */
  readonly changes: Int32Array;
  /** Rows whose exact neighbours are looked up, and the number of these neighbours that are in the row's pool. */
  readonly sample: Int32Array;
  readonly hits: Int32Array;
  /** Key of the random stream, two words of random bits. */
  readonly keys: readonly [number, number];
  readonly barrier: Int32Array;
}

const int32 = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
const uint32 = (length: number) => new Uint32Array(new SharedArrayBuffer(4 * length));
const float32 = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
const uint8 = (length: number) => new Uint8Array(new SharedArrayBuffer(length));

/** Allocates the data of a descent. @param k number of neighbours, at most one less than there are rows */
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
