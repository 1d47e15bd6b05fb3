/** Typed front of the kernel of panels (assembly/panels.ts): its memory, and who has which piece of it. */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';

/** Vectors of a panel: entry (i, c) stands at i · BLOCK + c. */
export const BLOCK = 8;

/** A panel, rows × BLOCK, in the kernel's memory. */
export type Panel = Float64Array<ArrayBuffer>;

/** A square matrix of float64, sparse in rows (CSR). */
export interface SparseRows {
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly weights: Float64Array;
}

type Exports = WebAssembly.Exports &
  Record<'advance' | 'addInnerProducts' | 'addProduct', (...numbers: number[]) => void>;

const PAGE = 65536;
/** Beside panels and the matrix: what `KernelMemory` keeps for itself, and the ends of pages and lines. */
const MARGIN = 2 * PAGE;

/** A sparse matrix and room for panels as long as it is. */
export class PanelSpace {
  readonly rows: number;
  readonly #exports: Exports;
  readonly #room: KernelMemory;
  readonly #matrix: { readonly indptr: Address; readonly indices: Address; readonly weights: Address };
  /** BLOCK × BLOCK. */
  readonly #square: Float64Array;
  readonly #free: Panel[] = [];
  /** Panels that may be made yet. */
  #left: number;

  /** @param panels most that are in use at a time */
  static async open(matrix: SparseRows, panels: number): Promise<PanelSpace> {
    const { indptr, indices, weights } = matrix;
    const bytes = (indptr.length - 1) * BLOCK * 8 * panels + indptr.byteLength + indices.byteLength;
    const pages = Math.ceil((bytes + weights.byteLength + MARGIN) / PAGE);
    // All of it at once, since views would not survive that it grows; what is not used takes no memory.
    const memory = new WebAssembly.Memory({ initial: pages });
    const exports = await instantiateKernel(new URL('./panels.wasm', import.meta.url), memory);
    return new PanelSpace(exports as Exports, memory, matrix, panels);
  }

  private constructor(exports: Exports, memory: WebAssembly.Memory, matrix: SparseRows, panels: number) {
    const { indptr, indices, weights } = matrix;
    this.rows = indptr.length - 1;
    this.#exports = exports;
    this.#left = panels;
    const room = new KernelMemory(memory);
    this.#room = room;
    const words = (values: Uint32Array): Address => {
      const at = room.allocate(values.byteLength);
      room.uint32(at, values.length).set(values);
      return at;
    };
    const at = room.allocate(weights.byteLength);
    room.float64(at, weights.length).set(weights);
    this.#matrix = { indptr: words(indptr), indices: words(indices), weights: at };
    this.#square = room.float64(room.allocate(BLOCK * BLOCK * 8), BLOCK * BLOCK);
  }

  /** A panel of zeros, until it is given back. */
  take(): Panel {
    const used = this.#free.pop();
    if (used !== undefined) return used.fill(0);
    if (this.#left-- === 0) throw new Error('Internal error: more panels are in use than were asked for');
    const length = this.rows * BLOCK;
    return this.#room.float64(this.#room.allocate(length * 8), length) as Panel;
  }

  giveBack(panel: Panel): void {
    this.#free.push(panel);
  }

  /** Y ← factor · (A X − shift · X) − decline · Y: a step of a recurrence in one walk through memory. */
  advance(x: Panel, y: Panel, factor: number, shift: number, decline: number): void {
    const { indptr, indices, weights } = this.#matrix;
    const [from, to] = [x.byteOffset, y.byteOffset];
    this.#exports.advance(this.rows, indptr, indices, weights, from, to, factor, shift, decline);
  }

  /** QᵀX, BLOCK × BLOCK, into `out`. */
  innerProducts(q: Panel, x: Panel, out: Float64Array): void {
    this.#square.fill(0);
    this.#exports.addInnerProducts(this.rows, q.byteOffset, x.byteOffset, this.#square.byteOffset);
    out.set(this.#square);
  }

  /** Y ← Y + Q M, M BLOCK × BLOCK. */
  addProduct(y: Panel, q: Panel, m: Float64Array): void {
    this.#square.set(m);
    this.#exports.addProduct(this.rows, y.byteOffset, q.byteOffset, this.#square.byteOffset);
  }
}
