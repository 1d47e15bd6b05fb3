/** Spearman's ρ and Kendall's τ-b of rows of values. */
import { correlationOfCentred } from './correlation.ts';
import { DenseRanks } from './dense-ranks.ts';

export interface RankAgreement {
  /** Pearson correlation of average ranks; NaN if an order has fewer than two distinct values. */
  readonly spearman: number;
  /**
   * Kendall's τ-b: (concordant − discordant) / √((pairs − ties in x)(pairs − ties in y)), like scipy's `kendalltau`; NaN in
   * the same case as `spearman`.
   */
  readonly kendall: number;
}

/**
 * Comparison of rows of up to `capacity` values in O(n log n): Kendall's τ-b by counting the exchanges of a merge sort
 * (Knight 1966). All sums are of whole numbers, exact below 2^53, that is up to some 200,000 values.
 */
export class RankComparison {
  readonly x: DenseRanks;
  readonly y: DenseRanks;
  #from: Int32Array;
  #to: Int32Array;
  readonly #next: Int32Array;
  readonly #xRanks: Float64Array;
  readonly #yRanks: Float64Array;

  constructor(capacity: number) {
    this.x = new DenseRanks(capacity);
    this.y = new DenseRanks(capacity);
    this.#from = new Int32Array(capacity);
    this.#to = new Int32Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#xRanks = new Float64Array(capacity);
    this.#yRanks = new Float64Array(capacity);
  }

  /** Compares the first `n` values, none of which may be negative. `x` and `y` then hold their groups. */
  compare(xs: Float64Array, ys: Float64Array, n: number): RankAgreement {
    const { x, y } = this;
    x.group(xs, n);
    y.group(ys, n);
    const pairs = n * n - n; // twice the number of pairs, like all counts of pairs below
    const tiedX = x.tiedPairs();
    const tiedY = y.tiedPairs();
    if (tiedX === pairs || tiedY === pairs) return { spearman: Number.NaN, kendall: Number.NaN };
    const tiedBoth = this.#layByX(n);
    const discordant = 2 * this.#inversions(n);
    const difference = pairs - tiedX - tiedY + tiedBoth - 2 * discordant;
    return {
      spearman: correlationOfCentred(x.centred(this.#xRanks, n), y.centred(this.#yRanks, n)),
      kendall: difference / Math.sqrt(pairs - tiedX) / Math.sqrt(pairs - tiedY),
    };
  }

  /** Lays out the codes of y by those of x, then y, and returns the number of ordered pairs that are equal in both. */
  #layByX(n: number): number {
    const { x, y } = this;
    const next = this.#next;
    for (let g = 0; g < x.groups; g++) next[g] = x.starts[g];
    for (let i = 0; i < n; i++) {
      const position = y.order[i];
      this.#from[next[x.codes[position]]++] = y.codes[position];
    }
    let tied = 0;
    for (let g = 0; g < x.groups; g++) {
      for (let start = x.starts[g]; start < x.starts[g + 1]; ) {
        let end = start + 1;
        while (end < x.starts[g + 1] && this.#from[end] === this.#from[start]) end++;
        tied += (end - start) * (end - start - 1);
        start = end;
      }
    }
    return tied;
  }

  /** Counts the pairs i < j of the layout with a larger code first, by a bottom-up merge sort. */
  #inversions(n: number): number {
    let inversions = 0;
    for (let width = 1; width < n; width *= 2) {
      const from = this.#from;
      const to = this.#to;
      for (let start = 0; start < n; start += 2 * width) {
        const middle = Math.min(start + width, n);
        const end = Math.min(start + 2 * width, n);
        let left = start;
        let right = middle;
        for (let at = start; at < end; at++) {
          if (right >= end || (left < middle && from[left] <= from[right])) {
            to[at] = from[left++];
          } else {
            inversions += middle - left;
            to[at] = from[right++];
          }
        }
      }
      this.#from = to;
      this.#to = from;
    }
    return inversions;
  }
}
