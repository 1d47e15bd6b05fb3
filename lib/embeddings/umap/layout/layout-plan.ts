/** Graph in the orders in which a layout traverses it. */
import { heaviest } from '../graph/epochs.ts';
import type { Graph } from '../graph/graph.ts';

/** Edges by point: those of point i are starts[i] … starts[i + 1] − 1. */
export interface EdgeTable {
  readonly starts: Uint32Array;
  /** Other end of each edge. */
  readonly tails: Uint32Array;
  /** Samples of each edge per epoch, in units of 2⁻³¹: proportional to its weight, the heaviest in every epoch. */
  readonly rates: Uint32Array;
}

/**
 * Edges of the points in the order in which these move, by which points are numbered here. The number of the first edge of
 * a group, of a hub and of each `PIECE` other points of a group is a multiple of `CHUNK`; edges that are never sampled pad
 * up to it.
 */
export interface MoveTable extends EdgeTable {
  /**
   * Original numbers of the points, by group (a range of original numbers), within a group by descending number of samples:
   * first its hubs.
   */
  readonly order: Uint32Array;
  /** Start of each group, groups + 1. */
  readonly groupStarts: Uint32Array;
  /** End of the hubs of each group, groups. */
  readonly hubEnds: Uint32Array;
  /** Largest number of edges of a point that is not a hub. */
  readonly mostEdges: number;
  /** Largest number of edges of a group. */
  readonly mostOfGroup: number;
}

/**
 * Same edges in the order in which their other ends gather the moves: by the group of the end that moves, then by the end
 * that gathers (the receiver), then in the order in which the senders move.
 */
export interface GatherTable {
  /** Start of the moves that a point gathers from a group, groups × points + 1. */
  readonly starts: Uint32Array;
  /** Receiver of each edge, and the rate at which the edge is sampled. */
  readonly receivers: Uint32Array;
  readonly rates: Uint32Array;
  /** Edge whose move is gathered, counted from the first of its group. */
  readonly senders: Uint32Array;
}

/** Plan of a layout; both tables use the numbers of points of `MoveTable`. */
export interface LayoutPlan {
  readonly moves: MoveTable;
  readonly gathers: GatherTable;
}

const ALWAYS = 2 ** 31;

/** Numbers of points and edges that the kernel processes at a time (assembly/umap/state.ts). */
const PIECE = 128;
export const CHUNK = 64;

/** Converts a weight to a sampling rate, relative to the heaviest weight. */
export function rateOf(weight: number, heaviestWeight: number): number {
  return Math.round((weight / heaviestWeight) * ALWAYS);
}

/** Plans a layout. @param graph symmetric */
export function planLayout(graph: Graph, groups: number): LayoutPlan {
  const { cells, indptr: starts, indices: tails, weights } = graph;
  const most = heaviest(graph);
  const rates = new Uint32Array(tails.length);
  for (let e = 0; e < rates.length; e++) rates[e] = rateOf(weights[e], most);
  const moves = planMoves({ starts, tails, rates }, groups);
  const places = new Uint32Array(cells);
  for (const [place, point] of moves.order.entries()) places[point] = place;
  for (const [e, point] of moves.tails.entries()) moves.tails[e] = places[point];
  return { moves, gathers: planGather(moves, cells, groups) };
}

/** Bounds above which a point is a hub: its samples per epoch, and their ratio to the mean of all points. */
const HUB = { samples: 512, mean: 8 } as const;

/**
 * Plans the order in which points move. Hubs would take much longer than the other points of their group, so they are
 * separated and come first. Which points are hubs depends on the graph only.
 */
export function planMoves({ starts, tails, rates }: EdgeTable, groups: number): MoveTable {
  const points = starts.length - 1;
  const { loads, total } = loadsOf(starts, rates);
  const least = Math.max(HUB.samples * ALWAYS, (HUB.mean * total) / points);
  const isHub = (point: number) => loads[point] > least;
  const order = new Uint32Array(points);
  const groupStarts = new Uint32Array(groups + 1);
  const hubEnds = new Uint32Array(groups);
  let end = 0;
  for (let group = 0; group < groups; group++) {
    const first = end;
    const next = Math.floor(((group + 1) * points) / groups);
    for (; end < next; end++) order[end] = end;
    const members = order.subarray(first, end).sort((x, y) => loads[y] - loads[x] || x - y);
    let hubs = 0;
    while (hubs < members.length && isHub(members[hubs])) hubs++;
    hubEnds[group] = first + hubs;
    groupStarts[group + 1] = end;
  }
  const placed = placeEdges({ starts, tails, rates }, order, groupStarts, hubEnds);
  let mostEdges = 0;
  let mostOfGroup = 0;
  for (let group = 0; group < groups; group++) {
    const [from, to] = groupStarts.subarray(group, group + 2);
    mostOfGroup = Math.max(mostOfGroup, placed.starts[to] - placed.starts[from]);
    for (let place = hubEnds[group]; place < to; place++) {
      mostEdges = Math.max(mostEdges, placed.starts[place + 1] - placed.starts[place]);
    }
  }
  return { ...placed, order, groupStarts, hubEnds, mostEdges, mostOfGroup };
}

/** Sorts the edges into the order of `MoveTable`, with padding. */
function placeEdges(
  { starts, tails, rates }: EdgeTable,
  order: Uint32Array,
  groupStarts: Uint32Array,
  hubEnds: Uint32Array,
): EdgeTable {
  const placed = new Uint32Array(order.length + 1);
  let edges = 0;
  let group = 0;
  for (const [place, point] of order.entries()) {
    while (place === groupStarts[group + 1]) group++;
    const ofOthers = place - hubEnds[group];
    if (ofOthers <= 0 || ofOthers % PIECE === 0) edges = CHUNK * Math.ceil(edges / CHUNK);
    placed[place] = edges;
    edges += starts[point + 1] - starts[point];
  }
  placed[order.length] = edges = CHUNK * Math.ceil(edges / CHUNK);
  const table = { starts: placed, tails: new Uint32Array(edges), rates: new Uint32Array(edges) };
  for (const [place, point] of order.entries()) {
    const [from, to] = [starts[point], starts[point + 1]];
    table.tails.set(tails.subarray(from, to), placed[place]);
    table.rates.set(rates.subarray(from, to), placed[place]);
  }
  return table;
}

/** Samples per epoch of each point, in units of 2⁻³¹, and their total; all are whole numbers. */
function loadsOf(starts: Uint32Array, rates: Uint32Array): { loads: Float64Array; total: number } {
  const loads = new Float64Array(starts.length - 1);
  let total = 0;
  for (let point = 0; point < loads.length; point++) {
    for (let e = starts[point]; e < starts[point + 1]; e++) loads[point] += rates[e];
    total += loads[point];
  }
  return { loads, total };
}

function planGather(moves: MoveTable, points: number, groups: number): GatherTable {
  const { starts, tails, rates, groupStarts } = moves;
  const gatherStarts = new Uint32Array(groups * points + 1);
  for (let group = 0; group < groups; group++) {
    const first = group * points + 1;
    const end = starts[groupStarts[group + 1]];
    for (let e = starts[groupStarts[group]]; e < end; e++) if (rates[e] > 0) gatherStarts[first + tails[e]]++;
  }
  for (let s = 0; s < groups * points; s++) gatherStarts[s + 1] += gatherStarts[s];
  const next = gatherStarts.slice(0, groups * points);
  const edges = gatherStarts[groups * points];
  const receivers = new Uint32Array(edges);
  const gatherRates = new Uint32Array(edges);
  const senders = new Uint32Array(edges);
  for (let group = 0; group < groups; group++) {
    const first = group * points;
    const firstEdge = starts[groupStarts[group]];
    const end = starts[groupStarts[group + 1]];
    for (let e = firstEdge; e < end; e++) {
      if (rates[e] === 0) continue;
      const slot = next[first + tails[e]]++;
      senders[slot] = e - firstEdge;
      receivers[slot] = tails[e];
      gatherRates[slot] = rates[e];
    }
  }
  return { starts: gatherStarts, receivers, rates: gatherRates, senders };
}
