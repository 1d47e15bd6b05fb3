/** The values of a set of pairs that lie where its quantiles are expected. */
import { Buffer } from 'node:buffer';
import { type BinRanges, binOf, type ValueGrid } from './value-grid.ts';

/** More would not be held but counted, in a pass of their own: there are ties, or the pairs are very many. */
const MOST = 1 << 22;

/** Collects values of the bins of `ranges`. */
export class HeldValues {
  readonly ranges: BinRanges;
  #values = new Float32Array(1024);
  #n = 0;
  #tooMany = false;

  constructor(ranges: BinRanges) {
    this.ranges = ranges;
  }

  has(bin: number): boolean {
    return this.ranges.some(([from, to]) => bin >= from && bin < to);
  }

  push(value: number): void {
    if (this.#tooMany) return;
    if (this.#n === this.#values.length) {
      if (this.#n >= MOST) {
        this.#tooMany = true;
        this.#values = new Float32Array(0);
        return;
      }
      const longer = new Float32Array(2 * this.#n);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[this.#n++] = value;
  }

  /** As text: base64 of the bytes, low first. Null if they were too many. */
  pack(): string | null {
    if (this.#tooMany) return null;
    return Buffer.from(this.#values.buffer, 0, this.#n * 4).toString('base64');
  }
}

/** The values that were packed. */
export function unpackValues(packed: string): Float32Array {
  const bytes = Buffer.from(packed, 'base64');
  // Copied: a buffer's bytes need not lie where 32-bit numbers may.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** The values of each of these bins, ascending. */
export function valuesOfBins(
  grid: ValueGrid,
  parts: readonly Float32Array[],
  bins: readonly number[],
): Map<number, Float32Array> {
  const found = new Map(bins.map((bin) => [bin, [] as number[]]));
  const wanted = new Uint8Array(grid.bins);
  for (const bin of bins) wanted[bin] = 1;
  for (const values of parts) {
    for (let i = 0; i < values.length; i++) {
      const bin = binOf(grid, values[i]);
      if (wanted[bin] === 1) found.get(bin)!.push(values[i]);
    }
  }
  return new Map([...found].map(([bin, values]) => [bin, Float32Array.from(values).sort()]));
}
