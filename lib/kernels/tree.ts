/**
 * Typed front end of the neighbour kernel (assembly/nearest.ts) for points in a tree of boxes, for one of several threads on
 * one shared memory.
 */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';
import { layLists } from './nearest.ts';

/** Number of points of a leaf. */
export const LEAF = 32;

/** Tree in shared memory; see assembly/nearest/tree.ts for the shapes. */
export interface TreeArrays {
  readonly memory: WebAssembly.Memory;
  readonly points: number;
  readonly dims: number;
  readonly panels: Address;
  readonly numbers: Address;
  readonly boxes: Address;
  readonly leasts: Address;
  /** Number of neighbours of each point, the point itself counted, and addresses of u32 and f32 [points][listed]. */
  readonly listed: number;
  readonly indices: Address;
  readonly distances: Address;
}

type Exports = WebAssembly.Exports & {
  readonly [name in 'setLists' | 'setTree' | 'searchLeaves']: (...numbers: number[]) => void;
};

export class TreeKernel {
  readonly #exports: Exports;

  static async attach(arrays: TreeArrays): Promise<TreeKernel> {
    const url = new URL('./nearest.wasm', import.meta.url);
    return new TreeKernel(arrays, (await instantiateKernel(url, arrays.memory)) as Exports);
  }

  private constructor(arrays: TreeArrays, exports: Exports) {
    this.#exports = exports;
    const memory = new KernelMemory(arrays.memory);
    const { keys, counts, limits, bounds, capacity, k } = layLists(memory, LEAF, arrays.listed - 1);
    exports.setLists(keys, counts, limits, bounds, capacity, k);
    const { dims, points, panels, numbers, boxes, leasts, listed, indices, distances } = arrays;
    const room = memory.allocate(LEAF * 4);
    exports.setTree(dims, points, panels, numbers, boxes, leasts, room, listed, indices, distances);
  }

  /** Finds the neighbours of the points of the leaves `from` … `to` − 1. */
  search(from: number, to: number): void {
    this.#exports.searchLeaves(from, to);
  }
}
