/** Dense blocks of a few long vectors. Sums run in row order, in float64. */
import type { RandomStream } from '../../flow/random.ts';

/** Panel of vectors as columns: entry (i, c) is at i · width + c. */
export interface Panel {
  readonly width: number;
  readonly data: Float64Array;
}

/** Computes AᵀB, a.width × b.width. */
export function innerProducts(a: Panel, b: Panel, n: number): Float64Array {
  const out = new Float64Array(a.width * b.width);
  for (let i = 0; i < n; i++) {
    for (let r = 0; r < a.width; r++) {
      const value = a.data[i * a.width + r];
      for (let c = 0; c < b.width; c++) out[r * b.width + c] += value * b.data[i * b.width + c];
    }
  }
  return out;
}

/** Computes X ← X − A M. */
export function subtractProduct(x: Panel, a: Panel, m: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let r = 0; r < a.width; r++) {
      const value = a.data[i * a.width + r];
      for (let c = 0; c < x.width; c++) x.data[i * x.width + c] -= value * m[r * x.width + c];
    }
  }
}

/** Length of a column. */
export function columnNorm({ width, data }: Panel, column: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += data[i * width + column] * data[i * width + column];
  return Math.sqrt(sum);
}

/** Length of the longest column. */
export function longest(x: Panel, n: number): number {
  let length = 0;
  for (let c = 0; c < x.width; c++) length = Math.max(length, columnNorm(x, c, n));
  return length;
}

/** Returns the first `width` columns, or all if there are fewer. */
export function narrow(x: Panel, width: number, n: number): Panel {
  if (x.width <= width) return x;
  const data = new Float64Array(n * width);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < width; c++) data[i * width + c] = x.data[i * x.width + c];
  }
  return { width, data };
}

/** Returns a panel of uniform random numbers over [−½, ½). */
export function randomPanel(n: number, width: number, stream: RandomStream): Panel {
  const data = new Float64Array(n * width);
  for (let i = 0; i < data.length; i++) data[i] = stream.float64() - 0.5;
  return { width, data };
}
