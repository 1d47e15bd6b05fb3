/** Typed front end of the prefilter kernel (assembly/pairs/prefilter.ts), for one of several threads on one shared memory. */
import { type Address, instantiateKernel, KernelMemory } from './memory.ts';
import { COLUMN_BYTES, type Steps } from './steps.ts';

/** Rows of whole numbers and their lists in shared memory; see assembly/pairs/prefilter.ts for the shapes. */
export interface PrefilterArrays extends Steps {
  readonly memory: WebAssembly.Memory;
  readonly rows: number;
  /** Number of columns in use; the panel has one more, which stays empty. */
  readonly columns: number;
  readonly halves: Address;
  readonly limits: Address;
  readonly slacks: Address;
  readonly counts: Address;
  readonly locks: Address;
  readonly lists: Address;
  readonly capacity: number;
  /** Number of neighbours wanted for each row, the row itself not counted. */
  readonly k: number;
}

/** Number of rows of a panel; `limits` extend that far past the last row. */
export const PANEL_ROWS = 32;
/** Limit of a row before its list is full. */
export const NO_LIMIT = 0x7fffffff;
/** Value for lanes without a row: below every sum of products minus a half. */
const PADDING = -0x80000000;

type Exports = WebAssembly.Exports & {
  readonly [name in 'setRows' | 'setLists' | 'fillPanel' | 'clearPanel' | 'meetPanel']: (
    ...numbers: number[]
  ) => void;
} & { cutBack(row: number): number };

/** Entries of a row's list, unordered. */
export interface PrefilterList {
  /** Pairs of numbers: approximate distance, and row. */
  readonly entries: Int32Array;
  /** Whether more rows than a list holds could be among the nearest, so that the entries are only some of them. */
  readonly isGivenUp: boolean;
}

export class PrefilterKernel {
  readonly #arrays: PrefilterArrays;
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #panel: Address;
  readonly #negated: Address;
  readonly #sums: Address;

  static async attach(arrays: PrefilterArrays): Promise<PrefilterKernel> {
    const url = new URL('./pairs.wasm', import.meta.url);
    return new PrefilterKernel(arrays, (await instantiateKernel(url, arrays.memory)) as Exports);
  }

  private constructor(arrays: PrefilterArrays, exports: Exports) {
    this.#arrays = arrays;
    this.#exports = exports;
    this.#memory = new KernelMemory(arrays.memory);
    this.#panel = this.#memory.allocate((arrays.columns + 1) * COLUMN_BYTES);
    this.#negated = this.#memory.allocate(PANEL_ROWS * 4);
    this.#sums = this.#memory.allocate(PANEL_ROWS * 4);
    const { limits, slacks, counts, locks, lists, capacity, k } = arrays;
    exports.setRows(arrays.starts, arrays.twos, arrays.ends, arrays.steps, arrays.halves);
    exports.setLists(limits, slacks, counts, locks, lists, capacity, k);
  }

  /** Compares rows [rowStart, rowEnd) with those of the rows [columnStart, columnEnd) that come after them. */
  meet(rowStart: number, rowEnd: number, columnStart: number, columnEnd: number): void {
    const { starts, twos, ends, steps, rows, columns } = this.#arrays;
    const halves = this.#memory.int32(this.#arrays.halves, rows);
    const negated = this.#memory.int32(this.#negated, PANEL_ROWS);
    for (let first = columnStart; first < columnEnd; first += PANEL_ROWS) {
      const lanes = Math.min(PANEL_ROWS, columnEnd - first);
      const end = Math.min(rowEnd, first + lanes - 1);
      if (end <= rowStart) continue;
      negated.fill(PADDING);
      for (let lane = 0; lane < lanes; lane++) negated[lane] = -halves[first + lane];
      this.#exports.fillPanel(starts, twos, ends, steps, first, lanes, this.#panel);
      this.#exports.meetPanel(rowStart, end, first, lanes, this.#panel, this.#negated, this.#sums);
      this.#exports.clearPanel(starts, twos, ends, steps, first, lanes, this.#panel, columns);
    }
  }

  /** Returns a view of the list of a row, without entries excluded by its nearest; to be called after all comparisons. */
  listOf(row: number): PrefilterList {
    const { lists, limits, capacity } = this.#arrays;
    const count = this.#exports.cutBack(row);
    const entries = this.#memory.int32(lists + row * capacity * 8, count * 2);
    const [limit] = this.#memory.int32(limits + row * 4, 1);
    return { entries, isGivenUp: limit < 0 && count === capacity };
  }
}
