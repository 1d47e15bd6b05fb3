/** What the threads of a layout share: one memory, and where things lie in it. Crosses threads by structured clone. */

import { BARRIER_WORDS } from '../kernels/barrier.ts';
import { type Address, KernelMemory, sharedMemory } from '../kernels/memory.ts';
import type { Curve } from './curve.ts';

/** Coordinate of nobody: forces over such a distance are 0 in 32-bit floats. */
const FAR = 1e15;

/** The forces, and how long they act. */
export interface Forces extends Curve {
  readonly epochs: number;
  /** The length of the first steps; it falls to 0 over the epochs. */
  readonly learningRate: number;
  /** Points drawn to repel, for each sample of an edge. */
  readonly negativeSamples: number;
  /** How strongly they do. */
  readonly repulsion: number;
  /** Two words of random bits for each epoch. */
  readonly keys: Uint32Array;
}

/** The edges of each point, as the kernel reads them. */
export interface EdgeTable {
  readonly segments: Uint32Array;
  readonly tails: Uint32Array;
  readonly rates: Uint32Array;
  /** Absent if the points are laid out among targets that stay where they are. */
  readonly mirrors?: Uint32Array;
  readonly mostEdges: number;
}

export interface LayoutJob {
  readonly memory: WebAssembly.Memory;
  readonly forces: Forces;
  readonly points: number;
  readonly dims: number;
  readonly groups: number;
  readonly edges: number;
  readonly mostEdges: number;
  readonly segments: Address;
  readonly tails: Address;
  readonly rates: Address;
  /** 0 if the targets are fixed. */
  readonly mirrors: Address;
  /** What an edge's sample is to move its other end by, a row of dims an edge, and a row `nowhere`. */
  readonly moves: Address;
  readonly nowhere: number;
  readonly positions: Address;
  /** Where the points of a group go before the others may see it. */
  readonly moved: Address;
  /** With one row more than there are targets: nobody, too far away to matter. */
  readonly targets: Address;
  readonly targetCount: number;
  readonly barrier: Address;
}

/**
 * Puts edges and coordinates into a fresh shared memory.
 *
 * @param start points × dims
 * @param fixed coordinates of targets that do not move; absent: the points are each other's targets
 */
export function layoutJob(
  edges: EdgeTable,
  forces: Forces,
  start: Float32Array,
  dims: number,
  groups: number,
  fixed?: Float32Array,
): LayoutJob {
  const memory = sharedMemory();
  const room = new KernelMemory(memory);
  const words = (values: Uint32Array): Address => {
    const at = room.allocate(values.length * 4);
    room.uint32(at, values.length).set(values);
    return at;
  };
  const coordinates = (values: Float32Array): Address => {
    const at = room.allocate((values.length + dims) * 4);
    room
      .float32(at, values.length + dims)
      .fill(FAR)
      .set(values);
    return at;
  };
  const { segments, tails, rates, mirrors, mostEdges } = edges;
  const isFixed = mirrors === undefined;
  const nowhere = isFixed ? 0 : tails.length;
  const positions = coordinates(start);
  return {
    memory,
    forces,
    points: start.length / dims,
    dims,
    groups,
    edges: tails.length,
    mostEdges,
    segments: words(segments),
    tails: words(tails),
    rates: words(rates),
    mirrors: isFixed ? 0 : words(mirrors),
    moves: room.allocate((nowhere + 1) * dims * 4),
    nowhere,
    positions,
    moved: isFixed ? positions : room.allocate(start.length * 4),
    targets: fixed === undefined ? positions : coordinates(fixed),
    targetCount: (fixed ?? start).length / dims,
    barrier: room.allocate(BARRIER_WORDS * 4),
  };
}

/** A copy of the points as they are, points × dims. */
export function positionsOf({ memory, positions, points, dims }: LayoutJob): Float32Array<ArrayBuffer> {
  return new Float32Array(new KernelMemory(memory).float32(positions, points * dims));
}
