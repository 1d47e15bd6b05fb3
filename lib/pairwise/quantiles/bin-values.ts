/** Values of the bins that contain order statistics, selected from all held values. */
import { oneRow, type ValueCounter } from '../../kernels/counts.ts';
import type { QuantilePlace } from './quantile-places.ts';
import { binOf } from './value-grid.ts';

/**
 * Largest number of values of a bin that is gathered. A larger bin has ties, or there are very many pairs, and a
 * refinement counts it.
 */
const MOST_GATHERED = 1 << 22;
/** Set of marks of the counter that selects bins. */
const PICKED = 1;

/** Gathers values bin by bin, into arrays whose sizes are known from the counts. */
export class BinValues {
  readonly #counter: ValueCounter;
  readonly #bins: ReadonlyMap<number, { readonly values: Float32Array; n: number }>;

  /**
   * @param counter its marks and values are overwritten
   * @param places order statistics whose bins are wanted
   * @param isHeld whether all values of a bin were held
   */
  constructor(
    counter: ValueCounter,
    places: readonly QuantilePlace[],
    isHeld: (bin: number) => boolean,
    most = MOST_GATHERED,
  ) {
    this.#counter = counter;
    const wanted = places.filter(({ bin, count }) => count <= most && isHeld(bin));
    const counts = new Map(wanted.map(({ bin, count }) => [bin, count]));
    this.#bins = new Map([...counts].map(([bin, n]) => [bin, { values: new Float32Array(n), n: 0 }]));
  }

  /** Adds those of the held values that lie in the wanted bins. */
  add(held: Float32Array): void {
    if (this.#bins.size === 0 || held.length === 0) return;
    const counter = this.#counter;
    counter.markAll(PICKED, false);
    for (const bin of this.#bins.keys()) counter.mark(PICKED, bin, bin + 1);
    counter.load(oneRow(held));
    counter.gather(PICKED);
    for (const value of counter.sift(PICKED)) {
      const own = this.#bins.get(binOf(counter.grid, value))!;
      // Writes beyond the counted length have no effect, but `n` exceeds it, which `result` detects.
      own.values[own.n++] = value;
    }
  }

  /** Returns the values of each bin, ascending. Throws if their number is not the counted one. */
  result(): Map<number, Float32Array> {
    return new Map(
      [...this.#bins].map(([bin, { values, n }]) => {
        if (n !== values.length) {
          throw new Error(`Internal error: ${n} values held of a bin of ${values.length}`);
        }
        return [bin, values.sort()];
      }),
    );
  }
}
