/**
 * All eigenvalues and eigenvectors of a small dense symmetric matrix, by Householder reduction to tridiagonal form and
 * implicit QL (the EISPACK routines tred2 and tql2, after Bowdler, Martin, Reinsch and Wilkinson, Handbook for Automatic
 * Computation II, 1971). Only + − × ÷ and square roots are used, so every machine gives the same bits.
 */

export interface Eigen {
  /** Eigenvalues, descending. */
  readonly values: Float64Array;
  /** Eigenvectors, n × n; column i, entries [g · n + i], is the unit eigenvector of values[i]. */
  readonly vectors: Float64Array;
}

/** Computes all eigenpairs. @param matrix n × n, row-major; only its lower triangle is read; not changed */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const v = matrix.slice(0, n * n);
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  tridiagonalize(v, d, e, n);
  diagonalize(v, d, e, n);
  return sorted(v, d, n);
}

/** Computes √(a² + b²) without overflow. The last bits of Math.hypot differ between engines. */
function hypotenuse(a: number, b: number): number {
  const x = Math.abs(a);
  const y = Math.abs(b);
  const large = Math.max(x, y);
  const small = Math.min(x, y);
  if (large === 0) return 0;
  const ratio = small / large;
  return large * Math.sqrt(1 + ratio * ratio);
}

/** Reduces to tridiagonal form (tred2): afterwards v is the transformation, d the diagonal and e (from 1) the subdiagonal. */
function tridiagonalize(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) d[j] = v[(n - 1) * n + j];
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    let h = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
    if (scale === 0) {
      e[i] = d[i - 1];
      for (let j = 0; j < i; j++) {
        d[j] = v[(i - 1) * n + j];
        v[i * n + j] = 0;
        v[j * n + i] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k] /= scale;
        h += d[k] * d[k];
      }
      const f = d[i - 1];
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      for (let j = 0; j < i; j++) e[j] = 0;
      for (let j = 0; j < i; j++) {
        const dj = d[j];
        v[j * n + i] = dj;
        let sum = e[j] + v[j * n + j] * dj;
        for (let k = j + 1; k < i; k++) {
          const vkj = v[k * n + j];
          sum += vkj * d[k];
          e[k] += vkj * dj;
        }
        e[j] = sum;
      }
      let product = 0;
      for (let j = 0; j < i; j++) {
        e[j] /= h;
        product += e[j] * d[j];
      }
      const half = product / (h + h);
      for (let j = 0; j < i; j++) e[j] -= half * d[j];
      for (let j = 0; j < i; j++) {
        const dj = d[j];
        const ej = e[j];
        for (let k = j; k < i; k++) v[k * n + j] -= dj * e[k] + ej * d[k];
        d[j] = v[(i - 1) * n + j];
        v[i * n + j] = 0;
      }
    }
    d[i] = h;
  }
  accumulate(v, d, n);
  for (let j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j];
    v[(n - 1) * n + j] = 0;
  }
  if (n > 0) v[n * n - 1] = 1;
  if (n > 0) e[0] = 0;
}

/** Accumulates the product of the Householder reflections in v. */
function accumulate(v: Float64Array, d: Float64Array, n: number): void {
  const g = new Float64Array(n);
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = v[i * n + i];
    v[i * n + i] = 1;
    const h = d[i + 1];
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1] / h;
      // Row by row, so that memory is read in order.
      g.fill(0, 0, i + 1);
      for (let k = 0; k <= i; k++) {
        const factor = v[k * n + i + 1];
        for (let j = 0; j <= i; j++) g[j] += factor * v[k * n + j];
      }
      for (let k = 0; k <= i; k++) {
        const factor = d[k];
        for (let j = 0; j <= i; j++) v[k * n + j] -= g[j] * factor;
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
}

/** Diagonalises (tql2): d becomes the eigenvalues, and the columns of v the eigenvectors. */
function diagonalize(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  if (n > 0) e[n - 1] = 0;
  // Rotations mix adjacent columns; on the transpose they mix adjacent rows, which are contiguous in memory.
  transpose(v, n);
  let shift = 0;
  let size = 0;
  for (let l = 0; l < n; l++) {
    size = Math.max(size, Math.abs(d[l]) + Math.abs(e[l]));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * size) m++;
    // Each eigenvalue takes about two rounds; 60 is far more than a finite matrix can need.
    for (let round = 0; m > l && Math.abs(e[l]) > Number.EPSILON * size; round++) {
      if (round === 60) throw new Error('Internal error: expected QL to converge; is a value not finite?');
      let g = d[l];
      let p = (d[l + 1] - g) / (2 * e[l]);
      let r = hypotenuse(p, 1);
      if (p < 0) r = -r;
      d[l] = e[l] / (p + r);
      d[l + 1] = e[l] * (p + r);
      const next = d[l + 1];
      let h = g - d[l];
      for (let i = l + 2; i < n; i++) d[i] -= h;
      shift += h;
      p = d[m];
      let c = 1;
      let c2 = c;
      let c3 = c;
      const el1 = e[l + 1];
      let s = 0;
      let s2 = 0;
      for (let i = m - 1; i >= l; i--) {
        c3 = c2;
        c2 = c;
        s2 = s;
        g = c * e[i];
        h = c * p;
        r = hypotenuse(p, e[i]);
        e[i + 1] = s * r;
        s = e[i] / r;
        c = p / r;
        p = c * d[i] - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]);
        const low = i * n;
        const high = low + n;
        for (let k = 0; k < n; k++) {
          const above = v[high + k];
          v[high + k] = s * v[low + k] + c * above;
          v[low + k] = c * v[low + k] - s * above;
        }
      }
      p = (-s * s2 * c3 * el1 * e[l]) / next;
      e[l] = s * p;
      d[l] = c * p;
    }
    d[l] += shift;
    e[l] = 0;
  }
  transpose(v, n);
}

function transpose(v: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const held = v[i * n + j];
      v[i * n + j] = v[j * n + i];
      v[j * n + i] = held;
    }
  }
}

function sorted(v: Float64Array, d: Float64Array, n: number): Eigen {
  const order = Array.from(d.keys()).sort((a, b) => d[b] - d[a] || a - b);
  const values = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    values[i] = d[order[i]];
    for (let g = 0; g < n; g++) vectors[g * n + i] = v[g * n + order[i]];
  }
  return { values, vectors };
}
