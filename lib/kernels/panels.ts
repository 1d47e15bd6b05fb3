/**
 * Operations on a sparse matrix and panels of long vectors in one shared memory, for several threads that run the same
 * program: each calls the same operations in the same order, computes its share of the rows, and continues when all are
 * done. Sums are computed over fixed ranges of rows, which every thread adds up in order, so that no result depends on the
 * number of threads.
 */
import { BARRIER_WORDS, Barrier } from './barrier.ts';
import { type Address, instantiateKernel, KernelMemory, sharedMemory } from './memory.ts';

/** Number of vectors of a panel: entry (i, c) is at i · BLOCK + c. */
export const BLOCK = 8;
const ROW_BYTES = 8 * BLOCK;
const SQUARE = BLOCK * BLOCK;

/** Number of rows of a range, which is one piece of work and one summand of a sum. */
const RANGE = 1024;
/** Number of rows of several panels that are mixed at once, while they are in the nearest caches. */
const MIXED = 128;

/** Address of a panel, rows × BLOCK of float64. */
export type Panel = Address;

/** Square sparse matrix of float64, by rows (CSR). */
export interface SparseRows {
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly weights: Float64Array;
}

/** Addresses of the data in the memory that the threads share. Passed by structured clone. */
export interface PanelJob {
  readonly memory: WebAssembly.Memory;
  readonly rows: number;
  readonly indptr: Address;
  readonly indices: Address;
  readonly weights: Address;
  /** Unit vector that inner products and removals include besides the panels. */
  readonly unit: Address;
  readonly panels: Address;
  /** Largest number of panels in use at a time. */
  readonly mostPanels: number;
  /** Two buffers for the summands of a sum, used alternately. */
  readonly summands: Address;
  readonly mostTerms: number;
  readonly barrier: Address;
}

type Kernel = WebAssembly.Exports &
  Record<
    'advance' | 'addInnerProducts' | 'addProduct' | 'multiply' | 'addDots' | 'addOuter' | 'addSquaredRests',
    (...numbers: number[]) => void
  >;

const rangesOf = (rows: number): number => Math.ceil(rows / RANGE);

/** Number of terms of the products of a panel with `panels` panels and a vector, the longest sums. */
const termsOf = (panels: number): number => panels * SQUARE + BLOCK;

/**
 * Copies a matrix into new shared memory. Panels that are never used take no physical memory.
 *
 * @param unit unit vector, one number per row of the matrix
 * @param mostPanels largest number of panels in use at a time
 */
export function panelJob(
  { indptr, indices, weights }: SparseRows,
  unit: Float64Array,
  mostPanels: number,
): PanelJob {
  const memory = sharedMemory();
  const room = new KernelMemory(memory);
  const words = (values: Uint32Array): Address => {
    const at = room.allocate(values.byteLength);
    room.uint32(at, values.length).set(values);
    return at;
  };
  const numbers = (values: Float64Array): Address => {
    const at = room.allocate(values.byteLength);
    room.float64(at, values.length).set(values);
    return at;
  };
  const rows = indptr.length - 1;
  const mostTerms = termsOf(mostPanels);
  return {
    memory,
    rows,
    indptr: words(indptr),
    indices: words(indices),
    weights: numbers(weights),
    unit: numbers(unit),
    panels: room.allocate(mostPanels * rows * ROW_BYTES),
    mostPanels,
    summands: room.allocate(2 * rangesOf(rows) * mostTerms * 8),
    mostTerms,
    barrier: room.allocate(BARRIER_WORDS * 4),
  };
}

/** View of a `PanelJob` for one thread. */
export class PanelSpace {
  readonly rows: number;
  readonly #job: PanelJob;
  readonly #kernel: Kernel;
  readonly #room: KernelMemory;
  readonly #barrier: Barrier;
  /** Factors of products, one square after the other; private to this thread. */
  readonly #factors: Address;
  /** Scratch for `MIXED` rows of all panels. */
  readonly #mixed: Address;
  readonly #free: Panel[];
  /** Next buffer for summands: other threads may still be adding up the summands in the last one. */
  #turn = 0;

  /** Attaches this thread to a job. @param threads number of threads that run the program together */
  static async attach(job: PanelJob, threads: number): Promise<PanelSpace> {
    const exports = await instantiateKernel(new URL('./panels.wasm', import.meta.url), job.memory);
    return new PanelSpace(exports as Kernel, job, threads);
  }

  private constructor(kernel: Kernel, job: PanelJob, threads: number) {
    const { memory, rows, mostPanels, mostTerms, panels, barrier } = job;
    this.rows = rows;
    this.#job = job;
    this.#kernel = kernel;
    this.#room = new KernelMemory(memory);
    this.#barrier = Barrier.at(memory, barrier, threads);
    this.#factors = this.#room.allocate(mostPanels * mostTerms * 8);
    this.#mixed = this.#room.allocate(MIXED * ROW_BYTES * mostPanels);
    this.#free = Array.from({ length: mostPanels }, (_, p) => panels + p * rows * ROW_BYTES).reverse();
  }

  /** Takes a free panel, with arbitrary content, until `giveBack`. */
  take(): Panel {
    const panel = this.#free.pop();
    if (panel === undefined) throw new Error('Internal error: more panels are in use than were asked for');
    return panel;
  }

  giveBack(panel: Panel): void {
    this.#free.push(panel);
  }

  /** Returns a view of a panel. Numbers written by other threads are visible after the operation that writes them. */
  view(panel: Panel): Float64Array {
    return this.#room.float64(panel, this.rows * BLOCK);
  }

  /** Calls `work` with each range of rows, in one of the threads. Returns when all ranges are done. */
  forRanges(work: (first: number, end: number, range: number) => void): void {
    this.#barrier.divide(rangesOf(this.rows), (range) =>
      work(range * RANGE, Math.min((range + 1) * RANGE, this.rows), range),
    );
  }

  /** Computes Y ← factor · (A X − shift · X) − decline · Y, a step of a recurrence, in one pass over memory. */
  advance(x: Panel, y: Panel, factor: number, shift: number, decline: number): void {
    this.forRanges((first, end) => this.#advance(first, end, x, y, factor, shift, decline));
  }

  /** Computes QᵀX for panels Q, BLOCK × BLOCK each, one after the other, followed by uᵀX for the job's unit vector. */
  innerProducts(panels: readonly Panel[], x: Panel): Float64Array {
    return this.#sum(termsOf(panels.length), (first, end, out) =>
      this.#addInnerProducts(first, end, panels, x, out),
    );
  }

  /** Computes X ← X M with M BLOCK × BLOCK, and returns `innerProducts` of the result. */
  multiplyThenInnerProducts(panels: readonly Panel[], x: Panel, m: Float64Array): Float64Array {
    this.#setFactors(m);
    return this.#sum(termsOf(panels.length), (first, end, out) => {
      this.#kernel.multiply(end - first, x + first * ROW_BYTES, this.#factors);
      this.#addInnerProducts(first, end, panels, x, out);
    });
  }

  /** Computes XᵀX, BLOCK × BLOCK. */
  gram(x: Panel): Float64Array {
    return this.#sum(SQUARE, (first, end, out) => {
      const at = x + first * ROW_BYTES;
      this.#kernel.addInnerProducts(end - first, at, at, out);
    });
  }

  /** Computes X ← X M, M BLOCK × BLOCK. */
  multiply(x: Panel, m: Float64Array): void {
    this.#setFactors(m);
    this.forRanges((first, end) => this.#kernel.multiply(end - first, x + first * ROW_BYTES, this.#factors));
  }

  /** Computes X ← X M, M BLOCK × BLOCK, and returns XᵀX. */
  multiplyThenGram(x: Panel, m: Float64Array): Float64Array {
    this.#setFactors(m);
    return this.#sum(SQUARE, (first, end, out) => {
      const at = x + first * ROW_BYTES;
      this.#kernel.multiply(end - first, at, this.#factors);
      this.#kernel.addInnerProducts(end - first, at, at, out);
    });
  }

  /** Computes X ← X − Q P for panels Q and the unit vector, with the products P of `innerProducts`; returns XᵀX. */
  removeThenGram(panels: readonly Panel[], x: Panel, products: Float64Array): Float64Array {
    this.#setFactors(products.map((product) => -product));
    return this.#sum(SQUARE, (first, end, out) => {
      const rows = end - first;
      const at = x + first * ROW_BYTES;
      for (const [p, panel] of panels.entries()) {
        this.#kernel.addProduct(rows, at, panel + first * ROW_BYTES, this.#factors + p * SQUARE * 8);
      }
      this.#kernel.addOuter(rows, at, this.#job.unit + first * 8, this.#factors + panels.length * SQUARE * 8);
      this.#kernel.addInnerProducts(rows, at, at, out);
    });
  }

  /** Computes Qᵀ A X for panels Q, BLOCK × BLOCK each. */
  imageProducts(panels: readonly Panel[], x: Panel): Float64Array {
    const image = this.take();
    const products = this.#sum(termsOf(panels.length), (first, end, out) => {
      this.#advance(first, end, x, image, 1, 0, 0);
      this.#addInnerProducts(first, end, panels, image, out);
    });
    this.giveBack(image);
    return products.subarray(0, panels.length * SQUARE);
  }

  /** Computes Σ (A X − θ X)² of each column, with a θ for each column. */
  squaredResiduals(x: Panel, thetas: Float64Array): Float64Array {
    const image = this.take();
    this.#setFactors(thetas);
    const squares = this.#sum(BLOCK, (first, end, out) => {
      this.#advance(first, end, x, image, 1, 0, 0);
      const at = first * ROW_BYTES;
      this.#kernel.addSquaredRests(end - first, image + at, x + at, this.#factors, out);
    });
    this.giveBack(image);
    return squares;
  }

  /** Computes Σ Q M over panels Q and as many squares M, BLOCK × BLOCK each, into a new panel. */
  combine(panels: readonly Panel[], squares: Float64Array): Panel {
    const out = this.take();
    this.#setFactors(squares);
    this.forRanges((first, end) => this.#combine(first, end, panels, this.#factors, out + first * ROW_BYTES));
    return out;
  }

  /** Computes one combination of the panels, as in `combine`, for each list of squares, in place of the first panels. */
  mix(panels: readonly Panel[], lists: readonly Float64Array[]): void {
    const factors = lists.map((squares, b) => {
      const at = this.#factors + b * squares.byteLength;
      this.#room.float64(at, squares.length).set(squares);
      return at;
    });
    this.forRanges((start, stop) => {
      for (let first = start; first < stop; first += MIXED) {
        const end = Math.min(first + MIXED, stop);
        const room = (b: number) => this.#mixed + b * MIXED * ROW_BYTES;
        for (const [b, at] of factors.entries()) this.#combine(first, end, panels, at, room(b));
        const length = (end - first) * BLOCK;
        for (let b = 0; b < lists.length; b++) {
          this.#room.float64(panels[b] + first * ROW_BYTES, length).set(this.#room.float64(room(b), length));
        }
      }
    });
  }

  #advance(
    first: number,
    end: number,
    x: Panel,
    y: Panel,
    factor: number,
    shift: number,
    decline: number,
  ): void {
    const { indptr, indices, weights } = this.#job;
    this.#kernel.advance(first, end, indptr, indices, weights, x, y, factor, shift, decline);
  }

  #addInnerProducts(first: number, end: number, panels: readonly Panel[], x: Panel, out: Address): void {
    const rows = end - first;
    const at = x + first * ROW_BYTES;
    for (const [p, panel] of panels.entries()) {
      this.#kernel.addInnerProducts(rows, panel + first * ROW_BYTES, at, out + p * SQUARE * 8);
    }
    this.#kernel.addDots(rows, this.#job.unit + first * 8, at, out + panels.length * SQUARE * 8);
  }

  /** Combines panels in the rows from `first` up to `end` − 1. @param out address of the result's row `first` */
  #combine(first: number, end: number, panels: readonly Panel[], squares: Address, out: Address): void {
    this.#room.float64(out, (end - first) * BLOCK).fill(0);
    for (const [p, panel] of panels.entries()) {
      this.#kernel.addProduct(end - first, out, panel + first * ROW_BYTES, squares + p * SQUARE * 8);
    }
  }

  #setFactors(values: Float64Array): void {
    this.#room.float64(this.#factors, values.length).set(values);
  }

  /** Sums the terms that `add` computes for each range, in the order of the ranges. */
  #sum(terms: number, add: (first: number, end: number, out: Address) => void): Float64Array {
    const { summands, mostTerms } = this.#job;
    const ranges = rangesOf(this.rows);
    const room = summands + this.#turn * ranges * mostTerms * 8;
    this.#turn = 1 - this.#turn;
    this.forRanges((first, end, range) => {
      const out = room + range * terms * 8;
      this.#room.float64(out, terms).fill(0);
      add(first, end, out);
    });
    const all = this.#room.float64(room, ranges * terms);
    const sum = all.slice(0, terms);
    for (let at = terms; at < all.length; at += terms) for (let t = 0; t < terms; t++) sum[t] += all[at + t];
    return sum;
  }
}
