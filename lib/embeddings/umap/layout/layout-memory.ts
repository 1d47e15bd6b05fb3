/** What the threads of a layout share: one memory, and where things lie in it. Crosses threads by structured clone. */
import { BARRIER_WORDS } from '../../../kernels/barrier.ts';
import { type Address, KernelMemory, sharedMemory } from '../../../kernels/memory.ts';
import type { Curve } from '../curve.ts';
import { type Factor, forceFactors, forceTable } from './force-tables.ts';
import { CHUNK, type GatherTable, type MoveTable } from './layout-plan.ts';

/** Coordinate of padding: forces over such a distance are 0 in 32-bit floats. */
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

/** `ForceTable` in memory. */
export interface TableInMemory {
  readonly lines: Address;
  readonly clippedBelow: number;
}

/** Addresses of what `layout-plan.ts` describes. */
export interface LayoutJob {
  readonly memory: WebAssembly.Memory;
  readonly forces: Forces;
  /** The forces by squared distance. */
  readonly pulls: TableInMemory;
  readonly pushes: TableInMemory;
  readonly points: number;
  readonly dims: number;
  readonly groups: number;
  /** Which point is which, for the kernel knows them by the order in which they move. */
  readonly order: Address;
  readonly groupStarts: Address;
  readonly hubEnds: Address;
  readonly mostEdges: number;
  readonly starts: Address;
  readonly tails: Address;
  readonly rates: Address;
  /** Whether the targets do not move: no moves are gathered then. */
  readonly isFixed: boolean;
  readonly gatherStarts: Address;
  readonly receivers: Address;
  readonly gatherRates: Address;
  readonly senders: Address;
  /** Which edges of the group of the sub-epoch are due, by chunks, and where in `moves`. */
  readonly chunks: Address;
  /** The move of the other end of each edge that is due, a row of dims; the row `sink` is written to and not read. */
  readonly moves: Address;
  readonly sink: number;
  readonly positions: Address;
  /** Where the points of a group go before the others may see it. */
  readonly moved: Address;
  /** With a row before the first of them: padding, too far away to matter. */
  readonly targets: Address;
  readonly targetCount: number;
  readonly barrier: Address;
}

/** For what is known of each chunk of edges (assembly/umap/state.ts). */
const CHUNK_BYTES = 16;
/** The kernel reads up to so many words behind what it needs: a chunk of rates. */
const BEHIND = CHUNK;
/** 32-bit words of a cache line. */
const LINE_WORDS = 16;

/**
 * Puts edges and coordinates into a fresh shared memory.
 *
 * @param start points × dims
 * @param targets coordinates of targets that do not move, or the table of the moves that points gather where they are each other's
 */
export function layoutJob(
  edges: MoveTable,
  forces: Forces,
  start: Float32Array,
  dims: number,
  groups: number,
  targets: GatherTable | Float32Array,
): LayoutJob {
  const memory = sharedMemory();
  const room = new KernelMemory(memory);
  const words = (values: Uint32Array): Address => {
    const at = room.allocate((values.length + BEHIND) * 4);
    room.uint32(at, values.length).set(values);
    return at;
  };
  const table = (factor: Factor): TableInMemory => {
    const { lines, clippedBelow } = forceTable(factor);
    const at = room.allocate(lines.length * 4);
    room.float32(at, lines.length).set(lines);
    return { lines: at, clippedBelow };
  };
  const coordinates = (values: Float32Array): Address => {
    const padding = Math.ceil(dims / LINE_WORDS) * LINE_WORDS;
    const at = room.allocate((padding + values.length + BEHIND) * 4);
    room
      .float32(at, padding + values.length)
      .fill(FAR, 0, padding)
      .set(values, padding);
    return at + padding * 4;
  };
  const { order, groupStarts, hubEnds, mostEdges, mostOfGroup, starts, tails, rates } = edges;
  const { pull, push } = forceFactors(forces, forces.repulsion);
  const isFixed = targets instanceof Float32Array;
  const gathers = isFixed ? undefined : targets;
  const sink = isFixed ? 0 : mostOfGroup;
  const positions = coordinates(byPlaces(start, order, dims));
  return {
    memory,
    forces,
    pulls: table(pull),
    pushes: table(push),
    points: start.length / dims,
    dims,
    groups,
    order: words(order),
    groupStarts: words(groupStarts),
    hubEnds: words(hubEnds),
    mostEdges,
    starts: words(starts),
    tails: words(tails),
    rates: words(rates),
    isFixed,
    gatherStarts: gathers === undefined ? 0 : words(gathers.starts),
    receivers: gathers === undefined ? 0 : words(gathers.receivers),
    gatherRates: gathers === undefined ? 0 : words(gathers.rates),
    senders: gathers === undefined ? 0 : words(gathers.senders),
    chunks: room.allocate((mostOfGroup / CHUNK) * CHUNK_BYTES),
    moves: room.allocate((sink + 1) * dims * 4),
    sink,
    positions,
    moved: isFixed ? positions : room.allocate(start.length * 4),
    targets: isFixed ? coordinates(targets) : positions,
    targetCount: (isFixed ? targets : start).length / dims,
    barrier: room.allocate(BARRIER_WORDS * 4),
  };
}

/** Rows of points in the order of the plan. */
function byPlaces(rows: Float32Array, order: Uint32Array, dims: number): Float32Array {
  const placed = new Float32Array(rows.length);
  for (const [place, point] of order.entries()) {
    placed.set(rows.subarray(point * dims, (point + 1) * dims), place * dims);
  }
  return placed;
}

/** The points as they are, points × dims. */
export function positionsOf({
  memory,
  positions,
  order,
  points,
  dims,
}: LayoutJob): Float32Array<ArrayBuffer> {
  const room = new KernelMemory(memory);
  const placed = room.float32(positions, points * dims);
  const rows = new Float32Array(points * dims);
  for (const [place, point] of room.uint32(order, points).entries()) {
    rows.set(placed.subarray(place * dims, (place + 1) * dims), point * dims);
  }
  return rows;
}
