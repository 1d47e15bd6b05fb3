/** Memory shared by the threads of a layout, and the addresses in it. Passed by structured clone. */
import { BARRIER_WORDS } from '../../../kernels/barrier.ts';
import { type Address, KernelMemory, sharedMemory } from '../../../kernels/memory.ts';
import type { Curve } from '../curve.ts';
import { type Factor, forceFactors, forceTable } from './force-tables.ts';
import { CHUNK, type GatherTable, type MoveTable } from './layout-plan.ts';

/** Padding coordinate, so far away that forces on it are 0 in 32-bit floats. */
const FAR = 1e15;

/** Parameters of the forces and of their epochs. */
export interface Forces extends Curve {
  readonly epochs: number;
  /** Learning rate of the first epoch; it decreases to 0 over the epochs. */
  readonly learningRate: number;
  /** Number of points drawn to repel, for each sample of an edge. */
  readonly negativeSamples: number;
  /** Strength of repulsion. */
  readonly repulsion: number;
  /** Random keys, two words for each epoch. */
  readonly keys: Uint32Array;
}

/** Force table in memory: see `ForceTable`. */
export interface TableInMemory {
  readonly lines: Address;
  readonly clippedBelow: number;
}

/** Addresses of the arrays of a layout plan: see layout-plan.ts. */
export interface LayoutJob {
  readonly memory: WebAssembly.Memory;
  readonly forces: Forces;
  /** Tables of the forces by squared distance. */
  readonly pulls: TableInMemory;
  readonly pushes: TableInMemory;
  readonly points: number;
  readonly dims: number;
  readonly groups: number;
  /** Original number of each point, since the kernel numbers points in the order in which they move. */
  readonly order: Address;
  readonly groupStarts: Address;
  readonly hubEnds: Address;
  readonly mostEdges: number;
  readonly starts: Address;
  readonly tails: Address;
  readonly rates: Address;
  /** Whether the targets are fixed, so that no moves are gathered. */
  readonly isFixed: boolean;
  readonly gatherStarts: Address;
  readonly receivers: Address;
  readonly gatherRates: Address;
  readonly senders: Address;
  /** Due edges of the group of the sub-epoch, by chunks, and their rows in `moves`. */
  readonly chunks: Address;
  /** Moves of the other ends of due edges, rows of dims; the row `sink` is written to and never read. */
  readonly moves: Address;
  readonly sink: number;
  readonly positions: Address;
  /** New positions of the points of a group, before the other points may see them. */
  readonly moved: Address;
  /** Coordinates of the targets, preceded by a row of padding, too far away to attract or repel. */
  readonly targets: Address;
  readonly targetCount: number;
  readonly barrier: Address;
}

/** Bytes of the state of a chunk of edges (assembly/umap/state.ts). */
const CHUNK_BYTES = 16;
/** Number of words that the kernel may read beyond the end of an array: a chunk of rates. */
const BEHIND = CHUNK;
/** Number of 32-bit words of a cache line. */
const LINE_WORDS = 16;

/**
 * Copies edges and coordinates into new shared memory.
 *
 * @param start initial coordinates, points × dims
 * @param targets coordinates of fixed targets, or, if the points are each other's targets, the table of the moves that they
 *   gather
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

/** Sorts the rows of points into the order of the plan. */
function byPlaces(rows: Float32Array, order: Uint32Array, dims: number): Float32Array {
  const placed = new Float32Array(rows.length);
  for (const [place, point] of order.entries()) {
    placed.set(rows.subarray(point * dims, (point + 1) * dims), place * dims);
  }
  return placed;
}

/** Copies the current positions, points × dims, in the original order of the points. */
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
