/** The graph in the orders in which a layout walks it. */
import { heaviest } from './epochs.ts';
import type { Graph } from './fuzzy-graph.ts';

/** Each point's edges: those of point i are starts[i] … starts[i + 1] − 1. */
export interface EdgeTable {
  readonly starts: Uint32Array;
  /** The other end of each edge. */
  readonly tails: Uint32Array;
  /** How often an edge is sampled, in units of 2⁻³¹ an epoch: in proportion to its weight, the heaviest always. */
  readonly rates: Uint32Array;
}

/** In which order points move, with their edges in the same order: `starts` counts places in it, not points. */
export interface MoveTable extends EdgeTable {
  /** By group (number modulo groups), in each by how often they sample, those that do most foremost: first its hubs. */
  readonly order: Uint32Array;
  /** groups + 1: where each group starts. */
  readonly groupStarts: Uint32Array;
  /** groups: where the hubs of each group end. */
  readonly hubEnds: Uint32Array;
  /** Points that are no hubs have no more edges. */
  readonly mostEdges: number;
  /** No group has more edges. */
  readonly mostOfGroup: number;
}

/**
 * The same edges as their other ends take the moves: by the group of the end that moves, then by the end that
 * takes, then in the order in which the others move.
 */
export interface TakeTable {
  /** groups × points + 1: where what a point takes from a group starts. */
  readonly starts: Uint32Array;
  /** The end that takes, and how often. */
  readonly takers: Uint32Array;
  readonly rates: Uint32Array;
  /** The edge that is taken from, in the order of `MoveTable`, counted from the first of its group. */
  readonly senders: Uint32Array;
}

export interface LayoutPlan {
  readonly moves: MoveTable;
  readonly takes: TakeTable;
}

const ALWAYS = 2 ** 31;

/** A weight as a rate of sampling, for the heaviest weight there is. */
export function rateOf(weight: number, heaviestWeight: number): number {
  return Math.round((weight / heaviestWeight) * ALWAYS);
}

/** @param graph symmetric */
export function planLayout(graph: Graph, groups: number): LayoutPlan {
  const { cells, indptr: starts, indices: tails, weights } = graph;
  const most = heaviest(graph);
  const rates = new Uint32Array(tails.length);
  for (let e = 0; e < rates.length; e++) rates[e] = rateOf(weights[e], most);
  const moves = planMoves({ starts, tails, rates }, groups);
  return { moves, takes: planTakes(moves, cells, groups) };
}

/** A point that samples more than so many edges an epoch, and so many times the mean of all points, is a hub. */
const HUB = { samples: 512, mean: 8 } as const;

/**
 * Hubs would be at work long after the others of their group, so they are told from them and come first. Which
 * they are depends on the graph alone.
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
    for (let point = group; point < points; point += groups) order[end++] = point;
    const members = order.subarray(first, end).sort((x, y) => loads[y] - loads[x] || x - y);
    let hubs = 0;
    while (hubs < members.length && isHub(members[hubs])) hubs++;
    hubEnds[group] = first + hubs;
    groupStarts[group + 1] = end;
  }
  const sorted = {
    starts: new Uint32Array(points + 1),
    tails: new Uint32Array(tails.length),
    rates: new Uint32Array(tails.length),
  };
  let edges = 0;
  let mostEdges = 0;
  for (const [place, point] of order.entries()) {
    for (let e = starts[point]; e < starts[point + 1]; e++) {
      sorted.tails[edges] = tails[e];
      sorted.rates[edges++] = rates[e];
    }
    sorted.starts[place + 1] = edges;
    if (!isHub(point)) mostEdges = Math.max(mostEdges, starts[point + 1] - starts[point]);
  }
  let mostOfGroup = 0;
  for (let group = 0; group < groups; group++) {
    const [from, to] = groupStarts.subarray(group, group + 2);
    mostOfGroup = Math.max(mostOfGroup, sorted.starts[to] - sorted.starts[from]);
  }
  return { ...sorted, order, groupStarts, hubEnds, mostEdges, mostOfGroup };
}

/** How often each point samples, in units of 2⁻³¹ an epoch, and all of them: whole numbers. */
function loadsOf(starts: Uint32Array, rates: Uint32Array): { loads: Float64Array; total: number } {
  const loads = new Float64Array(starts.length - 1);
  let total = 0;
  for (let point = 0; point < loads.length; point++) {
    for (let e = starts[point]; e < starts[point + 1]; e++) loads[point] += rates[e];
    total += loads[point];
  }
  return { loads, total };
}

function planTakes(moves: MoveTable, points: number, groups: number): TakeTable {
  const { starts, tails, rates, groupStarts } = moves;
  const takeStarts = new Uint32Array(groups * points + 1);
  for (let group = 0; group < groups; group++) {
    const first = group * points + 1;
    const end = starts[groupStarts[group + 1]];
    for (let e = starts[groupStarts[group]]; e < end; e++) takeStarts[first + tails[e]]++;
  }
  for (let s = 0; s < groups * points; s++) takeStarts[s + 1] += takeStarts[s];
  const next = takeStarts.slice(0, groups * points);
  const takers = new Uint32Array(tails.length);
  const takeRates = new Uint32Array(tails.length);
  const senders = new Uint32Array(tails.length);
  for (let group = 0; group < groups; group++) {
    const first = group * points;
    const firstEdge = starts[groupStarts[group]];
    const end = starts[groupStarts[group + 1]];
    for (let e = firstEdge; e < end; e++) {
      const slot = next[first + tails[e]]++;
      senders[slot] = e - firstEdge;
      takers[slot] = tails[e];
      takeRates[slot] = rates[e];
    }
  }
  return { starts: takeStarts, takers, rates: takeRates, senders };
}
