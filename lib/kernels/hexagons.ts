/** Typed front of the hexagon kernel (assembly/hexagons.ts): rows of pairs of values go in, counts come out. */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';

/** Hexagon (0, 0), hexagons per unit of both measures, and the cells, a margin of one hexagon included. */
export interface HexCells {
  readonly x0: number;
  readonly y0: number;
  readonly perX: number;
  readonly perY: number;
  readonly columns: number;
  readonly rows: number;
}

type Exports = WebAssembly.Exports & {
  readonly memory: WebAssembly.Memory;
  setGrid(x: number, y: number, perX: number, perY: number, columns: number, rows: number): void;
  addRow(xs: Address, ys: Address, codes: Address, n: number, rowCode: number, counts: Address): void;
};

/** Counts by cell: two classes, and points that are in neither; each in four, which are added up in the end. */
const CLASSES = 3;
const LANES = 4;
/** So many points more than there are does the kernel read, which takes four at a time. */
const BEYOND = 3;

/** A block of values that the kernel reads: copies of tiles, which lie in other memories. */
interface Block {
  readonly at: Address;
  readonly capacity: number;
}

export class HexKernel {
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #counts: Address;
  readonly #cells: number;
  #xs: Block = { at: 0, capacity: 0 };
  #ys: Block = { at: 0, capacity: 0 };
  #codes: Block = { at: 0, capacity: 0 };

  static async create(cells: HexCells): Promise<HexKernel> {
    const url = new URL('./hexagons.wasm', import.meta.url);
    return new HexKernel((await instantiateKernel(url)) as Exports, cells);
  }

  private constructor(exports: Exports, { x0, y0, perX, perY, columns, rows }: HexCells) {
    this.#exports = exports;
    this.#memory = new KernelMemory(exports.memory);
    exports.setGrid(x0, y0, perX, perY, columns, rows);
    this.#cells = columns * rows;
    this.#counts = this.#memory.allocate(this.#cells * CLASSES * LANES * 4);
  }

  /** The values of a tile, and the codes of the labels of its columns (−1: not to be counted). */
  load(xs: Float32Array, ys: Float32Array, codes: Int32Array): void {
    this.#xs = this.#fit(this.#xs, xs.length);
    this.#ys = this.#fit(this.#ys, ys.length);
    this.#codes = this.#fit(this.#codes, codes.length);
    this.#memory.float32(this.#xs.at, xs.length).set(xs);
    this.#memory.float32(this.#ys.at, ys.length).set(ys);
    const room = this.#memory.int32(this.#codes.at, codes.length + BEYOND);
    room.set(codes);
    room.fill(-1, codes.length);
  }

  #fit(block: Block, length: number): Block {
    if (length <= block.capacity) return block;
    return { at: this.#memory.allocate((length + BEYOND) * 4), capacity: length };
  }

  /** Counts the points (x[atX + i], y[atY + i]) of columns `column` … of the tile, up to its last. */
  addRow(atX: number, atY: number, column: number, n: number, code: number): void {
    const [xs, ys, codes] = [this.#xs.at + atX * 4, this.#ys.at + atY * 4, this.#codes.at + column * 4];
    this.#exports.addRow(xs, ys, codes, n, code, this.#counts);
  }

  /** Points of a cell: those with the code of their row, and those with another. */
  count(cell: number): [same: number, other: number] {
    const counts = this.#memory.uint32(this.#counts, this.#cells * CLASSES * LANES);
    const sum = (first: number) => counts.subarray(first, first + LANES).reduce((a, b) => a + b, 0);
    const at = cell * CLASSES * LANES;
    return [sum(at), sum(at + LANES)];
  }
}
