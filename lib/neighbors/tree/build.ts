/** K-d tree of points: each box is split across its longest side into two with half of its leaves each. */
import { KernelMemory, sharedMemory } from '../../kernels/memory.ts';
import { LEAF, type TreeArrays } from '../../kernels/tree.ts';

/**
 * Builds the tree in shared memory, with room for the neighbour lists.
 *
 * @param values coordinates, points × dims, finite
 * @param listed number of neighbours of a point, the point itself counted
 */
export function buildTree(values: Float32Array, dims: number, listed: number): TreeArrays {
  const points = values.length / dims;
  const leaves = Math.ceil(points / LEAF);
  const memory = new KernelMemory(sharedMemory());
  const depth = leaves > 1 ? 32 - Math.clz32(leaves - 1) : 0;
  const nodes = 2 ** (depth + 1);
  const panels = memory.allocate(leaves * LEAF * dims * 4);
  const numbers = memory.allocate(leaves * LEAF * 4);
  const boxes = memory.allocate(nodes * 2 * dims * 4);
  const leasts = memory.allocate(nodes * 4);
  const nodeArrays = { boxes: memory.float32(boxes, nodes * 2 * dims), leasts: memory.uint32(leasts, nodes) };
  const order = new Builder(values, dims, nodeArrays).build();
  memory.uint32(numbers, points).set(order);
  layPanels(memory.float32(panels, leaves * LEAF * dims), values, dims, order);
  const indices = memory.allocate(points * listed * 4);
  const distances = memory.allocate(points * listed * 4);
  const places = { panels, numbers, boxes, leasts, indices, distances };
  return { memory: memory.memory, points, dims, listed, ...places };
}

function layPanels(panels: Float32Array, values: Float32Array, dims: number, order: Uint32Array): void {
  // Padding of the last leaf: distances to NaN are within no limit.
  panels.fill(Number.NaN, Math.floor(order.length / LEAF) * LEAF * dims);
  for (let at = 0; at < order.length; at++) {
    const lane = Math.floor(at / LEAF) * LEAF * dims + (at % LEAF);
    for (let d = 0; d < dims; d++) panels[lane + d * LEAF] = values[order[at] * dims + d];
  }
}

class Builder {
  readonly #values: Float32Array;
  readonly #dims: number;
  /** Bounding boxes, nodes × 2 × dims: least and largest coordinates. */
  readonly #boxes: Float32Array;
  /** Least row number of each node. */
  readonly #leasts: Uint32Array;
  readonly #order: Uint32Array;

  constructor(
    values: Float32Array,
    dims: number,
    { boxes, leasts }: { boxes: Float32Array; leasts: Uint32Array },
  ) {
    this.#values = values;
    this.#dims = dims;
    this.#boxes = boxes;
    this.#leasts = leasts;
    this.#order = new Uint32Array(values.length / dims);
    for (let i = 0; i < this.#order.length; i++) this.#order[i] = i;
  }

  /** Builds the tree. @returns the points, leaf by leaf */
  build(): Uint32Array {
    const leaves = Math.ceil(this.#order.length / LEAF);
    if (leaves > 0) this.#divide(1, 0, leaves);
    return this.#order;
  }

  /** Splits a node with the leaves `from` to `to` − 1. The kernel halves the leaves by the same rule. */
  #divide(node: number, from: number, to: number): void {
    const end = Math.min(this.#order.length, to * LEAF);
    const longest = this.#measure(node, from * LEAF, end);
    if (to - from === 1) return;
    const middle = (from + to + 1) >>> 1;
    this.#select(from * LEAF, end - 1, middle * LEAF, longest);
    this.#divide(2 * node, from, middle);
    this.#divide(2 * node + 1, middle, to);
  }

  /** Writes the box of the points at [start, end), and their least number. @returns the dimension of its longest side */
  #measure(node: number, start: number, end: number): number {
    const dims = this.#dims;
    const low = this.#boxes.subarray(node * 2 * dims, node * 2 * dims + dims);
    const high = this.#boxes.subarray(node * 2 * dims + dims, (node + 1) * 2 * dims);
    low.fill(Number.POSITIVE_INFINITY);
    high.fill(Number.NEGATIVE_INFINITY);
    let least = this.#order[start];
    for (let at = start; at < end; at++) {
      const point = this.#order[at];
      if (point < least) least = point;
      const from = point * dims;
      for (let d = 0; d < dims; d++) {
        const x = this.#values[from + d];
        if (x < low[d]) low[d] = x;
        if (x > high[d]) high[d] = x;
      }
    }
    this.#leasts[node] = least;
    let longest = 0;
    for (let d = 1; d < dims; d++) if (high[d] - low[d] > high[longest] - low[longest]) longest = d;
    return longest;
  }

  /** Quickselect: brings to `place` the point of that rank by coordinate, ties by number, and smaller ones before it. */
  #select(low: number, high: number, place: number, dimension: number): void {
    const order = this.#order;
    const values = this.#values;
    const dims = this.#dims;
    while (low < high) {
      const middle = order[place];
      const pivot = values[middle * dims + dimension];
      let i = low;
      let j = high;
      while (i <= j) {
        for (; ; i++) {
          const x = values[order[i] * dims + dimension];
          if (x > pivot || (x === pivot && order[i] >= middle)) break;
        }
        for (; ; j--) {
          const x = values[order[j] * dims + dimension];
          if (x < pivot || (x === pivot && order[j] <= middle)) break;
        }
        if (i > j) break;
        const point = order[i];
        order[i++] = order[j];
        order[j--] = point;
      }
      if (j < place) low = i;
      if (place < i) high = j;
    }
  }
}
