/**
 * Local regression in one dimension, as R's `loess` and scikit-misc do it with their defaults (Cleveland and Grosse's
 * C and Fortran, `loess/src/loessf.f`: degree 2, family gaussian, surface "interpolate", cell 0.2). The local quadratic is
 * solved only at the vertices of a k-d tree, and between two vertices a cubic follows their values and slopes: direct
 * evaluation differs in the third digit, which moves genes across a threshold.
 *
 * Where the neighbours of a vertex have too few different places for a quadratic, a line or their mean takes its
 * place; the original fails there, or goes by a pseudo-inverse.
 */

/** Value and slope of the fit at a place. */
interface Vertex {
  readonly at: number;
  readonly value: number;
  readonly slope: number;
}

/** Share of a column's length: with less left, the column counts as a combination of those before it. */
const SINGULAR = 1e-7;

/**
 * Fitted values at all points.
 *
 * @param x, y the points, in any order, finite
 * @param span share of the points that each local fit looks at, above 0, at most 1
 */
export function loess(x: Float64Array, y: Float64Array, span: number): Float64Array {
  const n = x.length;
  if (n === 0) return new Float64Array(0);
  const order = Int32Array.from(x.keys()).sort((a, b) => x[a] - x[b] || a - b);
  const places = Float64Array.from(order, (i) => x[i]);
  const values = Float64Array.from(order, (i) => y[i]);
  const nearest = Math.max(1, Math.min(n, Math.floor(n * span + 1e-5)));
  const vertices = treeVertices(places, Math.floor(n * span * 0.2)).map((at) =>
    localFit(places, values, at, nearest),
  );
  const fitted = new Float64Array(n);
  let cell = 0;
  for (let i = 0; i < n; i++) {
    while (cell < vertices.length - 2 && places[i] > vertices[cell + 1].at) cell++;
    fitted[order[i]] = blend(vertices[cell], vertices[cell + 1], places[i]);
  }
  return fitted;
}

/** Vertices, ascending, of the tree over sorted places whose leaves hold at most `capacity` points. */
export function treeVertices(places: Float64Array, capacity: number): number[] {
  const n = places.length;
  const low = places[0];
  const high = places[n - 1];
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const margin = 0.005 * Math.max(high - low, 1e-10 * largest + 1e-30);
  const cuts: number[] = [];
  // The halving depends on numbering the points from 1, as the original does.
  const split = (from: number, to: number, left: number, right: number): void => {
    if (to - from + 1 <= capacity) return;
    const middle = cutIndex(places, from, to);
    const cut = places[middle - 1];
    if (cut === left || cut === right || middle >= to) return;
    split(from, middle, left, cut);
    cuts.push(cut);
    split(middle + 1, to, cut, right);
  };
  split(1, n, low - margin, high + margin);
  return [low - margin, ...cuts, high + margin];
}

/**
 * Number of the point nearest to the middle, the later one first, whose successor lies elsewhere; the middle if there is
 * none.
 */
function cutIndex(places: Float64Array, from: number, to: number): number {
  const middle = Math.floor((from + to) / 2);
  for (let offset = 0; ; offset = offset > 0 ? -offset : 1 - offset) {
    const at = middle + offset;
    if (at < from || at >= to) return middle;
    if (places[at - 1] !== places[at]) return at;
  }
}

/** Fits a quadratic to the `nearest` points, weighted by (1 − (distance / farthest)³)³: value and slope at `at`. */
function localFit(places: Float64Array, values: Float64Array, at: number, nearest: number): Vertex {
  const first = nearestWindow(places, at, nearest);
  const width = Math.max(at - places[first], places[first + nearest - 1] - at);
  const weight = new Float64Array(nearest);
  const t = new Float64Array(nearest);
  for (let i = 0; i < nearest; i++) {
    t[i] = width > 0 ? (places[first + i] - at) / width : 0;
    const distance = Math.abs(t[i]);
    const falling = 1 - distance * distance * distance;
    weight[i] = falling * Math.sqrt(falling); // the root of the weight
  }
  // Orthonormal columns of 1, t, t², weighted; a column that adds nothing is left out.
  const columns: { degree: number; q: Float64Array; r: number[] }[] = [];
  for (let degree = 0; degree <= 2; degree++) {
    const q = weight.map((w, i) => (degree === 0 ? w : degree === 1 ? w * t[i] : w * t[i] * t[i]));
    const length = Math.sqrt(dot(q, q));
    const r = columns.map(() => 0);
    for (let pass = 0; pass < 2; pass++) {
      for (const [c, column] of columns.entries()) {
        const along = dot(column.q, q);
        r[c] += along;
        for (let i = 0; i < nearest; i++) q[i] -= along * column.q[i];
      }
    }
    const left = Math.sqrt(dot(q, q));
    if (!(left > SINGULAR * length)) continue;
    for (let i = 0; i < nearest; i++) q[i] /= left;
    columns.push({ degree, q, r: [...r, left] });
  }
  if (columns.length === 0) {
    // All neighbours are equally far, where the weights end.
    const some = values.subarray(first, first + nearest);
    return { at, value: some.reduce((sum, value) => sum + value, 0) / nearest, slope: 0 };
  }
  const target = weight.map((w, i) => w * values[first + i]);
  const coefficients = columns.map(({ q }) => dot(q, target));
  for (let c = columns.length - 1; c >= 0; c--) {
    for (let later = c + 1; later < columns.length; later++) {
      coefficients[c] -= columns[later].r[c] * coefficients[later];
    }
    coefficients[c] /= columns[c].r[c];
  }
  const of = (degree: number) => coefficients[columns.findIndex((column) => column.degree === degree)] ?? 0;
  return { at, value: of(0), slope: width > 0 ? of(1) / width : 0 };
}

/** Index of the first of the `count` points nearest to `at`. */
function nearestWindow(places: Float64Array, at: number, count: number): number {
  let low = 0;
  let high = places.length - count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at - places[middle] > places[middle + count] - at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Value at `x` of the cubic that has the values and slopes of both vertices. */
function blend(a: Vertex, b: Vertex, x: number): number {
  const width = b.at - a.at;
  const h = (x - a.at) / width;
  const k = 1 - h;
  return (
    k * k * (1 + 2 * h) * a.value +
    h * h * (1 + 2 * k) * b.value +
    (h * k * k * a.slope - h * h * k * b.slope) * width
  );
}
