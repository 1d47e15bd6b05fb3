/**
 * Exact quantiles of values in memory, by one histogram: its bins say where the wanted order statistics lie, and
 * only the values of those bins are sorted. About 2 ns a value, a tenth of sorting them all.
 */
import { type FiveQuantiles, quantilesFrom, wantedRanks } from './quantiles.ts';

const BINS = 4096;
/** Fewer values are sorted at once. */
const FEW = 2048;

/** Selects quantiles, one set of values after the other; holds the scratch memory for it. */
export class Selector {
  readonly #bins = new Uint32Array(BINS);
  readonly #slotOf = new Int8Array(BINS);

  /** Quantiles of values, none of them NaN, at least one, all within min … max. Few values may be put in order. */
  quantiles(values: Float32Array, min: number, max: number): FiveQuantiles {
    const n = values.length;
    // Constant values, or a span beyond what floats can divide.
    const scale = (BINS - 1) / (max - min);
    if (n < FEW || !Number.isFinite(scale)) {
      values.sort();
      return quantilesFrom(n, (rank) => values[rank]);
    }
    const bins = this.#bins.fill(0);
    // Subtracting, scaling and truncating never change the order of two values: bins ascend with them.
    for (let i = 0; i < n; i++) bins[((values[i] - min) * scale) | 0]++;

    const ranks = wantedRanks(n);
    const slotOf = this.#slotOf.fill(-1);
    const slots: { first: number; values: Float32Array; filled: number }[] = [];
    const slotOfRank = new Map<number, number>();
    let below = 0;
    for (let bin = 0, next = 0; next < ranks.length; bin++) {
      for (; next < ranks.length && ranks[next] < below + bins[bin]; next++) {
        if (slotOf[bin] < 0) {
          slotOf[bin] = slots.length;
          slots.push({ first: below, values: new Float32Array(bins[bin]), filled: 0 });
        }
        slotOfRank.set(ranks[next], slotOf[bin]);
      }
      below += bins[bin];
    }
    for (let i = 0; i < n; i++) {
      const slot = slotOf[((values[i] - min) * scale) | 0];
      if (slot >= 0) slots[slot].values[slots[slot].filled++] = values[i];
    }
    for (const slot of slots) slot.values.sort();
    return quantilesFrom(n, (rank) => {
      const slot = slots[slotOfRank.get(rank)!];
      return slot.values[rank - slot.first];
    });
  }
}
