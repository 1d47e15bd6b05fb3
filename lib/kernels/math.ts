/**
 * Exponential and logarithm in IEEE basic arithmetic only. ECMAScript leaves the last bits of `Math.exp` and `Math.log` to
 * the engine; the functions of this file give the same bits everywhere, which hashed results require.
 *
 * Method: argument reduction and the minimax polynomials of fdlibm (Sun Microsystems, `e_exp.c` and `e_log.c`), error
 * below 1 ulp. The reduction by ln 2 in two parts keeps k·ln2 exact in its high part.
 */

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

/** Returns 2^k for −1022 ≤ k ≤ 1023, built from its bits. */
function powerOfTwo(k: number): number {
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** Returns e^x. Overflows to Infinity, underflows through subnormals to 0; NaN for NaN. */
export function exp(x: number): number {
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0;
  if (Number.isNaN(x)) return x;
  // x = k·ln2 + (high − low), |high − low| ≤ ln2 / 2
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  // e^r = 1 + r + r·c / (2 − c): the rational form of the Remez polynomial for r·(e^r + 1)/(e^r − 1)
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (0.00006613756321437934 + t * (-0.0000016533902205465252 + t * 4.1381367970572385e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (k === 0) return y;
  if (k === 1024) return y * 2 * powerOfTwo(1023);
  // Below the normal range, the result is scaled in two steps, so that it is rounded only once, at the end.
  if (k < -1021) return y * powerOfTwo(k + 1000) * powerOfTwo(-1000);
  return y * powerOfTwo(k);
}

/** Returns the natural logarithm; −Infinity for 0, NaN below 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let k = 0;
  let m = x;
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984; // 2^54: subnormals become normal
    k = -54;
  }
  // m = 2^k · (1 + f), √2/2 < 1 + f < √2
  bits.setFloat64(0, m);
  const top = bits.getUint32(0);
  k += (top >>> 20) - 1023;
  bits.setUint32(0, (top & 0xfffff) | 0x3ff00000);
  m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m *= 0.5;
    k += 1;
  }
  const f = m - 1;
  // log(1 + f) = f − f²/2 + s·(f²/2 + R(s²)), s = f/(2 + f)
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + (odd + even)) + k * LN2_LOW) - f);
}

/**
 * Returns log(1 + x) without loss for small x: the logarithm of the rounded sum, corrected for its rounding error (as in
 * the HP-15C handbook; see Goldberg 1991, theorem 4). Error ≤ 2 ulp for x > −1/2.
 */
export function log1p(x: number): number {
  const u = 1 + x;
  if (u === 1) return x;
  if (u === 0 || !(u < Number.POSITIVE_INFINITY)) return log(u);
  return log(u) + (x - (u - 1)) / u;
}

/** Returns e^x − 1 without loss for small x: Kahan's quotient (u − 1)·x / log u with u = e^x. Error of a few ulp. */
export function expm1(x: number): number {
  const u = exp(x);
  if (u === 1) return x;
  const d = u - 1;
  if (d === -1 || x > 40) return d;
  return (d * x) / log(u);
}
