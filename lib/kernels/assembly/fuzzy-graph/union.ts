/**
 * Sparse graphs with weights in 32-bit floats (see lib/embeddings/umap/graph/fuzzy-graph.ts). Row i of a graph has
 * columns[e] and weights[e] from e = starts[i] up to starts[i + 1] − 1; all arrays but the weights are u32.
 */

// @ts-ignore: decorator
@inline
function at(words: usize, index: u32): u32 {
  return load<u32>(words + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function put(words: usize, index: u32, value: u32): void {
  store<u32>(words + (<usize>index << 2), value);
}

// @ts-ignore: decorator
@inline
function weightAt(weights: usize, index: u32): f32 {
  return load<f32>(weights + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function putWeight(weights: usize, index: u32, value: f32): void {
  store<f32>(weights + (<usize>index << 2), value);
}

/**
 * Writes the memberships of neighbours, cells × k, as rows with ascending columns, without the cells themselves and
 * without zeros.
 *
 * @param counts cells + 1 words, all 0: receives how often each cell is a column, one word further on
 * @returns the number of entries
 */
export function addDirected(
  cells: u32, k: u32, neighbors: usize, memberships: usize, starts: usize, columns: usize, weights: usize,
  counts: usize,
): u32 {
  let end: u32 = 0;
  for (let i: u32 = 0; i < cells; i++) {
    const start = end;
    put(starts, i, start);
    for (let e = i * k; e < (i + 1) * k; e++) {
      const column = at(neighbors, e);
      const weight = weightAt(memberships, e);
      if (column == i || weight == 0) continue;
      put(counts, column + 1, at(counts, column + 1) + 1);
      // Insertion sort by column: rows are short.
      let slot = end++;
      for (; slot > start && at(columns, slot - 1) > column; slot--) {
        put(columns, slot, at(columns, slot - 1));
        putWeight(weights, slot, weightAt(weights, slot - 1));
      }
      put(columns, slot, column);
      putWeight(weights, slot, weight);
    }
  }
  put(starts, cells, end);
  return end;
}

/** Replaces counts of rows, each one word further on, by the starts of the rows: running sums, in place. */
export function countsToStarts(cells: u32, counts: usize): void {
  for (let i: u32 = 0; i < cells; i++) put(counts, i + 1, at(counts, i) + at(counts, i + 1));
}

/** Transposes a graph: `next` has the starts of the rows of the transpose, and afterwards their ends. */
export function transpose(
  cells: u32, starts: usize, columns: usize, weights: usize, next: usize, rows: usize, turned: usize,
): void {
  for (let i: u32 = 0; i < cells; i++) {
    for (let e = at(starts, i); e < at(starts, i + 1); e++) {
      const column = at(columns, e);
      const slot = at(next, column);
      put(next, column, slot + 1);
      put(rows, slot, i);
      putWeight(turned, slot, weightAt(weights, e));
    }
  }
}

/**
 * Computes mix · (A + B − A∘B) + rest · A∘B of two graphs with ascending columns.
 *
 * @returns the largest weight
 */
export function unite(
  cells: u32, startsA: usize, columnsA: usize, weightsA: usize, startsB: usize, columnsB: usize, weightsB: usize,
  starts: usize, columns: usize, weights: usize, mix: f32, rest: f32,
): f32 {
  let end: u32 = 0;
  let most: f32 = 0;
  for (let i: u32 = 0; i < cells; i++) {
    put(starts, i, end);
    let p = at(startsA, i);
    let q = at(startsB, i);
    const lastP = at(startsA, i + 1);
    const lastQ = at(startsB, i + 1);
    while (p < lastP || q < lastQ) {
      const fromA = p < lastP ? at(columnsA, p) : cells;
      const fromB = q < lastQ ? at(columnsB, q) : cells;
      const column = min(fromA, fromB);
      const there = fromA == column ? weightAt(weightsA, p++) : 0;
      const back = fromB == column ? weightAt(weightsB, q++) : 0;
      const both = there * back;
      const either = there + back - both;
      const weight = mix * either + rest * both;
      if (weight == 0) continue;
      most = max(most, weight);
      put(columns, end, column);
      putWeight(weights, end++, weight);
    }
  }
  put(starts, cells, end);
  return most;
}

/**
 * Removes the entries with a weight below `least`, in place.
 *
 * @returns the number of remaining entries
 */
export function prune(cells: u32, starts: usize, columns: usize, weights: usize, least: f32): u32 {
  let end: u32 = 0;
  let e: u32 = 0;
  for (let i: u32 = 0; i < cells; i++) {
    const last = at(starts, i + 1);
    put(starts, i, end);
    for (; e < last; e++) {
      const weight = weightAt(weights, e);
      if (weight < least) continue;
      put(columns, end, at(columns, e));
      putWeight(weights, end++, weight);
    }
  }
  put(starts, cells, end);
  return end;
}
