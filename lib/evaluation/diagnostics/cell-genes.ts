/** Genes of one cell, as an encoder reads them. */
import type { CsrBlock } from '../../cells/csr.ts';
import type { Reading } from '../../encodings/encoding.ts';

/** Detected genes of a row, gathered at their home columns, with scratch memory. */
export class CellGenes {
  /** Home columns of the genes that are read, ascending, and their counts: the first `n` entries of each. */
  readonly columns: Int32Array;
  readonly counts: Float64Array;
  n = 0;
  /** Sum of the counts of the genes that are read. */
  readCounts = 0;
  /** Number of genes with a count that are not read, and the sum of their counts. */
  unreadGenes = 0;
  unreadCounts = 0;
  /** Number of different home columns, the largest possible `n`. */
  readonly capacity: number;
  readonly #home: Int32Array;
  readonly #collapses: boolean;
  readonly #sums: Float64Array;

  constructor({ home }: Pick<Reading, 'home'>) {
    this.#home = home;
    this.capacity = home.reduce((n, at, column) => n + (at === column ? 1 : 0), 0);
    this.#collapses = home.some((at, column) => at >= 0 && at !== column);
    this.#sums = new Float64Array(this.#collapses ? home.length : 0);
    this.columns = new Int32Array(this.capacity);
    this.counts = new Float64Array(this.capacity);
  }

  /** Gathers a row of counts, which replaces the previous row. */
  gather(block: CsrBlock, row: number): void {
    let n = 0;
    this.readCounts = 0;
    this.unreadGenes = 0;
    this.unreadCounts = 0;
    const sums = this.#sums;
    for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
      const count = block.values[e];
      const column = this.#home[block.indices[e]];
      if (column < 0) {
        this.unreadGenes++;
        this.unreadCounts += count;
        continue;
      }
      this.readCounts += count;
      if (!this.#collapses) {
        this.columns[n] = column;
        this.counts[n++] = count;
        continue;
      }
      if (sums[column] === 0) this.columns[n++] = column;
      sums[column] += count;
    }
    this.n = n;
    if (!this.#collapses) return;
    this.columns.subarray(0, n).sort();
    for (let i = 0; i < n; i++) {
      this.counts[i] = sums[this.columns[i]];
      sums[this.columns[i]] = 0;
    }
  }
}
