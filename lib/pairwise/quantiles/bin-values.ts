/** The values of the bins that hold order statistics, picked out of all that were held. */
import { oneRow, type ValueCounter } from '../../kernels/counts.ts';
import type { QuantilePlace } from './quantile-places.ts';
import { binOf } from './value-grid.ts';

/** A bin of more values is not gathered: there are ties, or the pairs are very many, and a refinement counts it. */
const MOST_GATHERED = 1 << 22;
/** The counter's set of marks that bins are picked out by. */
const PICKED = 1;

/** Gathers values bin by bin, in rooms of the sizes that the counts say. */
export class BinValues {
  readonly #counter: ValueCounter;
  readonly #bins: ReadonlyMap<number, { readonly values: Float32Array; n: number }>;

  /**
   * @param counter whose marks and values are overwritten
   * @param places of which the bins are wanted
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

  /** Takes out of some values that were held those of the bins. */
  add(held: Float32Array): void {
    if (this.#bins.size === 0 || held.length === 0) return;
    const counter = this.#counter;
    counter.markAll(PICKED, false);
    for (const bin of this.#bins.keys()) counter.mark(PICKED, bin, bin + 1);
    counter.load(oneRow(held));
    counter.gather(PICKED);
    for (const value of counter.sift(PICKED)) {
      const own = this.#bins.get(binOf(counter.grid, value))!;
      // More than were counted are not written, but `result` sees that there were more.
      own.values[own.n++] = value;
    }
  }

  /** The values of each bin, ascending. */
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
