/**
 * A sparse matrix and panels of long vectors in one shared memory, and what is done with them by several threads that all
 * run the same program: each calls the same operations in the same order, does its share of their rows, and
 * goes on when all have. Sums are made over fixed ranges of rows, and these are added up in order, by every thread for
 * itself: no number depends on how many there are.
 */
import { BARRIER_WORDS, Barrier } from './barrier.ts';
import { type Address, instantiateKernel, KernelMemory, sharedMemory } from './memory.ts';

/** Vectors of a panel: entry (i, c) stands at i · BLOCK + c. */
export const BLOCK = 8;
const ROW_BYTES = 8 * BLOCK;
const SQUARE = BLOCK * BLOCK;

/** Rows that are one piece of work, and one summand of a sum. */
const RANGE = 1024;
/** Rows of several panels that are mixed at once, while they lie in the nearest caches. */
const MIXED = 128;

/** A panel, rows × BLOCK of float64: where it lies. */
export type Panel = Address;

/** A square matrix of float64, sparse in rows (CSR). */
export interface SparseRows {
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly weights: Float64Array;
}

/** Where things lie in the memory that the threads share. Crosses threads by structured clone. */
export interface PanelJob {
  readonly memory: WebAssembly.Memory;
  readonly rows: number;
  readonly indptr: Address;
  readonly indices: Address;
  readonly weights: Address;
  /** A unit vector that the program knows of. */
  readonly unit: Address;
  readonly panels: Address;
  /** Panels that may be in use at a time. */
  readonly mostPanels: number;
  /** Two rooms for the summands of a sum, one after the other. */
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

/** Terms of the products of a panel with so many, and with a vector: as long as sums get. */
const termsOf = (panels: number): number => panels * SQUARE + BLOCK;

/**
 * Puts a matrix into a fresh shared memory. Panels that are not used take none of it.
 *
 * @param unit as long as the matrix
 * @param mostPanels in use at a time
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

/** One thread's view of a `PanelJob`. */
export class PanelSpace {
  readonly rows: number;
  readonly #job: PanelJob;
  readonly #kernel: Kernel;
  readonly #room: KernelMemory;
  readonly #barrier: Barrier;
  /** Factors of products, one square after the other: this thread's own. */
  readonly #factors: Address;
  /** `MIXED` rows of as many panels as are mixed. */
  readonly #mixed: Address;
  readonly #free: Panel[];
  /** Which of the rooms for summands is next: the others may still be adding up what is in the last. */
  #turn = 0;

  /** @param threads that run the program together */
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

  /** A panel with anything in it, until it is given back. */
  take(): Panel {
    const panel = this.#free.pop();
    if (panel === undefined) throw new Error('Internal error: more panels are in use than were asked for');
    return panel;
  }

  giveBack(panel: Panel): void {
    this.#free.push(panel);
  }

  /** The numbers of a panel. What others write is there after the operation that writes it. */
  view(panel: Panel): Float64Array {
    return this.#room.float64(panel, this.rows * BLOCK);
  }

  /** Calls `work` with each range of rows, in one of the threads; returns when all are done. */
  forRanges(work: (first: number, end: number, range: number) => void): void {
    this.#barrier.divide(rangesOf(this.rows), (range) =>
      work(range * RANGE, Math.min((range + 1) * RANGE, this.rows), range),
    );
  }

  /** Y ← factor · (A X − shift · X) − decline · Y: a step of a recurrence in one walk through memory. */
  advance(x: Panel, y: Panel, factor: number, shift: number, decline: number): void {
    this.forRanges((first, end) => this.#advance(first, end, x, y, factor, shift, decline));
  }

  /** QᵀX for panels Q, BLOCK × BLOCK each, one after the other, and behind them uᵀX for the job's unit vector. */
  innerProducts(panels: readonly Panel[], x: Panel): Float64Array {
    return this.#sum(termsOf(panels.length), (first, end, out) =>
      this.#addInnerProducts(first, end, panels, x, out),
    );
  }

  /** X ← X M with M BLOCK × BLOCK, then as `innerProducts`. */
  multiplyThenInnerProducts(panels: readonly Panel[], x: Panel, m: Float64Array): Float64Array {
    this.#setFactors(m);
    return this.#sum(termsOf(panels.length), (first, end, out) => {
      this.#kernel.multiply(end - first, x + first * ROW_BYTES, this.#factors);
      this.#addInnerProducts(first, end, panels, x, out);
    });
  }

  /** XᵀX */
  gram(x: Panel): Float64Array {
    return this.#sum(SQUARE, (first, end, out) => {
      const at = x + first * ROW_BYTES;
      this.#kernel.addInnerProducts(end - first, at, at, out);
    });
  }

  /** X ← X M, M BLOCK × BLOCK. */
  multiply(x: Panel, m: Float64Array): void {
    this.#setFactors(m);
    this.forRanges((first, end) => this.#kernel.multiply(end - first, x + first * ROW_BYTES, this.#factors));
  }

  /** X ← X M, M BLOCK × BLOCK; gives XᵀX. */
  multiplyThenGram(x: Panel, m: Float64Array): Float64Array {
    this.#setFactors(m);
    return this.#sum(SQUARE, (first, end, out) => {
      const at = x + first * ROW_BYTES;
      this.#kernel.multiply(end - first, at, this.#factors);
      this.#kernel.addInnerProducts(end - first, at, at, out);
    });
  }

  /** X ← X − Q products for panels Q and the unit vector, with products as of `innerProducts`; gives XᵀX. */
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

  /** Qᵀ A X for panels Q, BLOCK × BLOCK each. */
  imageProducts(panels: readonly Panel[], x: Panel): Float64Array {
    const image = this.take();
    const products = this.#sum(termsOf(panels.length), (first, end, out) => {
      this.#advance(first, end, x, image, 1, 0, 0);
      this.#addInnerProducts(first, end, panels, image, out);
    });
    this.giveBack(image);
    return products.subarray(0, panels.length * SQUARE);
  }

  /** Σ (A X − θ X)² of each column, for a θ of each. */
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

  /** Σ Q M over panels Q and as many squares, into a panel. */
  combine(panels: readonly Panel[], squares: Float64Array): Panel {
    const out = this.take();
    this.#setFactors(squares);
    this.forRanges((first, end) => this.#combine(first, end, panels, this.#factors, out + first * ROW_BYTES));
    return out;
  }

  /** As `combine`, one result for each list of squares, in place of the first panels. */
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

  /** @param out of the first row */
  #combine(first: number, end: number, panels: readonly Panel[], squares: Address, out: Address): void {
    this.#room.float64(out, (end - first) * BLOCK).fill(0);
    for (const [p, panel] of panels.entries()) {
      this.#kernel.addProduct(end - first, out, panel + first * ROW_BYTES, squares + p * SQUARE * 8);
    }
  }

  #setFactors(values: Float64Array): void {
    this.#room.float64(this.#factors, values.length).set(values);
  }

  /** What `add` adds up over the ranges, in their order. */
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
