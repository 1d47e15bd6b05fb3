/** Typed front of the neighbour kernel (assembly/nearest.ts). */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';

type Exports = WebAssembly.Exports & {
  readonly memory: WebAssembly.Memory;
  toDistances(values: Address, n: number): void;
  candidates(
    values: Address,
    rows: number,
    columns: number,
    stride: number,
    rowLimits: Address,
    columnLimits: Address,
    out: Address,
  ): number;
};

/** Finds candidates in tiles of at most so many rows and columns. */
export class NearestKernel {
  /** Columns of a row in the kernel's memory: a multiple of 4. */
  readonly stride: number;
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #values: Address;
  readonly #rowLimits: Address;
  readonly #columnLimits: Address;
  readonly #out: Address;

  static async create(rows: number, columns: number): Promise<NearestKernel> {
    const url = new URL('./nearest.wasm', import.meta.url);
    return new NearestKernel((await instantiateKernel(url)) as Exports, rows, columns);
  }

  private constructor(exports: Exports, rows: number, columns: number) {
    this.stride = Math.ceil(columns / 4) * 4;
    this.#exports = exports;
    this.#memory = new KernelMemory(exports.memory);
    this.#values = this.#memory.allocate(rows * this.stride * 4);
    this.#rowLimits = this.#memory.allocate(rows * 4);
    this.#columnLimits = this.#memory.allocate(this.stride * 4);
    this.#out = this.#memory.allocate(rows * this.stride * 4);
  }

  /**
   * Takes the values of a tile, whose rows start every `stride`, and makes distances of them if they are similarities.
   * What is given back is the kernel's own copy, until the next call: its rows start every `this.stride`.
   */
  load(
    values: Float32Array,
    { rows, columns, stride }: { rows: number; columns: number; stride: number },
    similarities: boolean,
  ): Float32Array {
    const own = this.#memory.float32(this.#values, rows * this.stride);
    const whole = Math.ceil(columns / 4) * 4;
    for (let row = 0; row < rows; row++) {
      const at = row * this.stride;
      own.set(values.subarray(row * stride, row * stride + columns), at);
      // No number is less than NaN.
      if (whole > columns) own.fill(Number.NaN, at + columns, at + whole);
    }
    if (similarities) this.#exports.toDistances(this.#values, rows * this.stride);
    return own;
  }

  /**
   * Places in the copy of the pairs that are not farther than the limit of their row or their column: a view, void
   * after the next call. A limit below 0 lets nothing pass.
   */
  candidates(rowLimits: Float32Array, columnLimits: Float32Array): Uint32Array {
    const columns = Math.ceil(columnLimits.length / 4) * 4;
    this.#memory.float32(this.#rowLimits, rowLimits.length).set(rowLimits);
    this.#memory.float32(this.#columnLimits, columns).fill(-1).set(columnLimits);
    const limits = [this.#rowLimits, this.#columnLimits] as const;
    const n = this.#exports.candidates(
      this.#values,
      rowLimits.length,
      columns,
      this.stride,
      ...limits,
      this.#out,
    );
    return this.#memory.uint32(this.#out, n);
  }
}
