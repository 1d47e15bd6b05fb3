//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads
/**
 * Products with panels, in AssemblyScript. A panel is eight long vectors of float64 side by side, entry (i, c) at
 * i · 8 + c, two per SIMD register. Every sum runs in row order, and results equal those of a plain loop per vector.
 * Several threads run the kernel at once on one shared memory, each on its own rows: the address of a panel is that of the
 * thread's first row.
 */

/** Bytes of a row of a panel. */
const ROW: usize = 64;
/** Rows per tile: two panels of them stay in the nearest cache while all their products are added up. */
const TILE: u32 = 128;

/**
 * Computes Y ← factor · (A X − shift · X) − decline · Y in the rows from `first` up to `end` − 1, for a sparse A: row i
 * has weights[e] in column indices[e], from e = indptr[i] up to indptr[i + 1] − 1. Weights are float64, the other arrays
 * u32. X and Y are the addresses of all rows.
 */
export function advance(
  first: u32, end: u32, indptr: usize, indices: usize, weights: usize, x: usize, y: usize,
  factor: f64, shift: f64, decline: f64,
): void {
  const f = f64x2.splat(factor);
  const s = f64x2.splat(shift);
  const d = f64x2.splat(decline);
  let edge = load<u32>(indptr + (<usize>first << 2));
  for (let i = first; i < end; i++) {
    const last = load<u32>(indptr + (<usize>i << 2), 4);
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (; edge < last; edge++) {
      const weight = v128.load64_splat(weights + (<usize>edge << 3));
      const from = x + <usize>load<u32>(indices + (<usize>edge << 2)) * ROW;
      s0 = f64x2.add(s0, f64x2.mul(weight, v128.load(from)));
      s1 = f64x2.add(s1, f64x2.mul(weight, v128.load(from, 16)));
      s2 = f64x2.add(s2, f64x2.mul(weight, v128.load(from, 32)));
      s3 = f64x2.add(s3, f64x2.mul(weight, v128.load(from, 48)));
    }
    const at = <usize>i * ROW;
    advanceTwo(x + at, y + at, s0, f, s, d);
    advanceTwo(x + at + 16, y + at + 16, s1, f, s, d);
    advanceTwo(x + at + 32, y + at + 32, s2, f, s, d);
    advanceTwo(x + at + 48, y + at + 48, s3, f, s, d);
  }
}

// @ts-ignore: decorator
@inline
function advanceTwo(x: usize, y: usize, sum: v128, factor: v128, shift: v128, decline: v128): void {
  const moved = f64x2.mul(factor, f64x2.sub(sum, f64x2.mul(shift, v128.load(x))));
  v128.store(y, f64x2.sub(moved, f64x2.mul(decline, v128.load(y))));
}

/** Computes out ← out + QᵀX, 8 × 8. */
export function addInnerProducts(rows: u32, q: usize, x: usize, out: usize): void {
  for (let first: u32 = 0; first < rows; first += TILE) {
    const end = <usize>min(first + TILE, rows) * ROW;
    for (let r: usize = 0; r < ROW; r += 16) {
      const to = out + r * 8;
      let a0 = v128.load(to);
      let a1 = v128.load(to, 16);
      let a2 = v128.load(to, 32);
      let a3 = v128.load(to, 48);
      let b0 = v128.load(to, 64);
      let b1 = v128.load(to, 80);
      let b2 = v128.load(to, 96);
      let b3 = v128.load(to, 112);
      for (let at = <usize>first * ROW; at < end; at += ROW) {
        const a = v128.load64_splat(q + at + r);
        const b = v128.load64_splat(q + at + r, 8);
        const x0 = v128.load(x + at);
        const x1 = v128.load(x + at, 16);
        const x2 = v128.load(x + at, 32);
        const x3 = v128.load(x + at, 48);
        a0 = f64x2.add(a0, f64x2.mul(a, x0));
        a1 = f64x2.add(a1, f64x2.mul(a, x1));
        a2 = f64x2.add(a2, f64x2.mul(a, x2));
        a3 = f64x2.add(a3, f64x2.mul(a, x3));
        b0 = f64x2.add(b0, f64x2.mul(b, x0));
        b1 = f64x2.add(b1, f64x2.mul(b, x1));
        b2 = f64x2.add(b2, f64x2.mul(b, x2));
        b3 = f64x2.add(b3, f64x2.mul(b, x3));
      }
      v128.store(to, a0);
      v128.store(to, a1, 16);
      v128.store(to, a2, 32);
      v128.store(to, a3, 48);
      v128.store(to, b0, 64);
      v128.store(to, b1, 80);
      v128.store(to, b2, 96);
      v128.store(to, b3, 112);
    }
  }
}

/** Computes Y ← Y + Q M, M 8 × 8. */
export function addProduct(rows: u32, y: usize, q: usize, m: usize): void {
  for (let first: u32 = 0; first < rows; first += TILE) {
    const end = <usize>min(first + TILE, rows) * ROW;
    for (let c: usize = 0; c < ROW; c += 16) {
      const m0 = v128.load(m + c);
      const m1 = v128.load(m + c, 64);
      const m2 = v128.load(m + c, 128);
      const m3 = v128.load(m + c, 192);
      const m4 = v128.load(m + c, 256);
      const m5 = v128.load(m + c, 320);
      const m6 = v128.load(m + c, 384);
      const m7 = v128.load(m + c, 448);
      for (let at = <usize>first * ROW; at < end; at += ROW) {
        let sum = f64x2.mul(v128.load64_splat(q + at), m0);
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(q + at, 8), m1));
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(q + at, 16), m2));
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(q + at, 24), m3));
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(q + at, 32), m4));
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(q + at, 40), m5));
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(q + at, 48), m6));
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(q + at, 56), m7));
        v128.store(y + at + c, f64x2.add(v128.load(y + at + c), sum));
      }
    }
  }
}

/** Computes X ← X M, M 8 × 8. */
export function multiply(rows: u32, x: usize, m: usize): void {
  const end = x + <usize>rows * ROW;
  for (let at = x; at < end; at += ROW) {
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let r: usize = 0; r < ROW; r += 8) {
      const value = v128.load64_splat(at + r);
      const from = m + r * 8;
      s0 = f64x2.add(s0, f64x2.mul(value, v128.load(from)));
      s1 = f64x2.add(s1, f64x2.mul(value, v128.load(from, 16)));
      s2 = f64x2.add(s2, f64x2.mul(value, v128.load(from, 32)));
      s3 = f64x2.add(s3, f64x2.mul(value, v128.load(from, 48)));
    }
    v128.store(at, s0);
    v128.store(at, s1, 16);
    v128.store(at, s2, 32);
    v128.store(at, s3, 48);
  }
}

/** Computes out ← out + uᵀX for a vector u, 8 numbers. */
export function addDots(rows: u32, u: usize, x: usize, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  for (let i: usize = 0; i < <usize>rows; i++) {
    const value = v128.load64_splat(u + i * 8);
    const at = x + i * ROW;
    s0 = f64x2.add(s0, f64x2.mul(value, v128.load(at)));
    s1 = f64x2.add(s1, f64x2.mul(value, v128.load(at, 16)));
    s2 = f64x2.add(s2, f64x2.mul(value, v128.load(at, 32)));
    s3 = f64x2.add(s3, f64x2.mul(value, v128.load(at, 48)));
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

/** Computes Y ← Y + u m for a vector u and 8 numbers m. */
export function addOuter(rows: u32, y: usize, u: usize, m: usize): void {
  const m0 = v128.load(m);
  const m1 = v128.load(m, 16);
  const m2 = v128.load(m, 32);
  const m3 = v128.load(m, 48);
  for (let i: usize = 0; i < <usize>rows; i++) {
    const value = v128.load64_splat(u + i * 8);
    const at = y + i * ROW;
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(value, m0)));
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(value, m1)), 16);
    v128.store(at, f64x2.add(v128.load(at, 32), f64x2.mul(value, m2)), 32);
    v128.store(at, f64x2.add(v128.load(at, 48), f64x2.mul(value, m3)), 48);
  }
}

/** Computes out ← out + Σ (Y − θ X)², with a θ for each column, 8 numbers. */
export function addSquaredRests(rows: u32, y: usize, x: usize, thetas: usize, out: usize): void {
  const end = <usize>rows * ROW;
  for (let c: usize = 0; c < ROW; c += 16) {
    const theta = v128.load(thetas + c);
    let sum = v128.load(out + c);
    for (let at = c; at < end; at += ROW) {
      const rest = f64x2.sub(v128.load(y + at), f64x2.mul(theta, v128.load(x + at)));
      sum = f64x2.add(sum, f64x2.mul(rest, rest));
    }
    v128.store(out + c, sum);
  }
}
