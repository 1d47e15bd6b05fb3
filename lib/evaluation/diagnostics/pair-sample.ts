/** Sample of cells of each type, all pairs of them, and the values of these pairs in several spaces. */
import type { Csr } from '../../cells/csr.ts';
import type { RowSource } from '../../pairwise/spaces/row-source.ts';
import type { Space } from '../../pairwise/spaces/space.ts';
import { type CellTypes, typeSize } from '../../pairwise/tiles/type-pairs.ts';

/** Least number of cells per type, and the bound on the sum of these over types: see `pairSample`. */
const LEAST_SHARE = 2;
const MOST_CELLS = 5000;

/**
 * Samples about `cells` cells, in equal shares from all types, at least two of each; a type with fewer cells gives all. The
 * cells lie at equal steps in the order of the source, so that consecutive batches have their share. If there are so many
 * types that two cells of each would exceed both `cells` and `MOST_CELLS`, only types at equal steps give cells.
 */
export function pairSample(types: CellTypes, cells: number): CellTypes {
  const { names, order, starts } = types;
  const most = Math.max(1, Math.floor(Math.max(MOST_CELLS, cells) / LEAST_SHARE));
  const chosenTypes = Math.min(names.length, most);
  const share = Math.max(LEAST_SHARE, Math.floor(cells / Math.max(1, chosenTypes)));
  const chosen: number[] = [];
  const chosenStarts = [0];
  for (let type = 0; type < names.length; type++) {
    const size = typeSize(types, type);
    const isChosen =
      Math.ceil((type * chosenTypes) / names.length) < Math.ceil(((type + 1) * chosenTypes) / names.length);
    const n = isChosen ? Math.min(size, share) : 0;
    for (let i = 0; i < n; i++) chosen.push(order[starts[type] + Math.floor(((i + 0.5) * size) / n)]);
    chosenStarts.push(chosen.length);
  }
  return { names, order: Int32Array.from(chosen), starts: Int32Array.from(chosenStarts) };
}

/** Group of the pairs of cells of types a ≤ b: [start, end) of all pairs. */
export interface PairGroup {
  readonly a: number;
  readonly b: number;
  readonly start: number;
  readonly end: number;
}

/** Returns the groups of pairs of types that have cells. */
export function pairGroups(types: CellTypes): PairGroup[] {
  const groups: PairGroup[] = [];
  let start = 0;
  for (let b = 0; b < types.names.length; b++) {
    if (typeSize(types, b) === 0) continue;
    for (let a = 0; a <= b; a++) {
      if (typeSize(types, a) === 0) continue;
      const n = typeSize(types, b);
      const pairs = a === b ? (n * (n - 1)) / 2 : n * typeSize(types, a);
      groups.push({ a, b, start, end: start + pairs });
      start += pairs;
    }
  }
  return groups;
}

/** Calls `visit` for every pair, in the order of `groups`, with positions in the order of `types`. */
function eachPair(
  types: CellTypes,
  groups: readonly PairGroup[],
  visit: (x: number, y: number, pair: number) => void,
) {
  const { starts } = types;
  for (const { a, b, start } of groups) {
    let pair = start;
    for (let x = starts[a]; x < starts[a + 1]; x++) {
      for (let y = a === b ? x + 1 : starts[b]; y < starts[b + 1]; y++) visit(x, y, pair++);
    }
  }
}

/** Computes the value of every pair, NaN without one. Rows of `space` are the cells in the order of `types`. */
export function pairValues(space: Space, types: CellTypes, groups: readonly PairGroup[]): Float32Array {
  const { starts } = types;
  const out = new Float32Array(groups.at(-1)?.end ?? 0);
  for (const { a, b, start } of groups) {
    const tile = {
      rowStart: starts[a],
      rowEnd: starts[a + 1],
      columnStart: starts[b],
      columnEnd: starts[b + 1],
      upper: a === b,
    };
    if (tile.rowEnd === tile.rowStart || tile.columnEnd === tile.columnStart) continue;
    const { values, stride } = space.tile(tile);
    const origin = tile.rowStart * stride + tile.columnStart;
    eachPair(types, [{ a, b, start, end: start }], (x, y, pair) => {
      const defined = space.defined[x] === 1 && space.defined[y] === 1;
      out[pair] = defined ? values[x * stride + y - origin] : Number.NaN;
    });
  }
  return out;
}

/**
 * Computes, for every pair, the mean and the absolute difference of a number of both cells. `ofCell` is by row number, like
 * `types.order`.
 */
export function pairMeans(
  ofCell: Float64Array,
  types: CellTypes,
  groups: readonly PairGroup[],
): { means: Float32Array; differences: Float32Array } {
  const means = new Float32Array(groups.at(-1)?.end ?? 0);
  const differences = new Float32Array(means.length);
  eachPair(types, groups, (x, y, pair) => {
    const [a, b] = [ofCell[types.order[x]], ofCell[types.order[y]]];
    means[pair] = (a + b) / 2;
    differences[pair] = Math.abs(a - b);
  });
  return { means, differences };
}

/** Reads only the rows `order` of a matrix. */
export async function selectRows(source: RowSource, order: Int32Array): Promise<Csr> {
  const places = new Int32Array(source.rows).fill(-1);
  for (let i = 0; i < order.length; i++) places[order[i]] = i;
  const rows: Pick<Csr, 'indices' | 'values'>[] = [];
  for await (const { start, rows: n, indptr, indices, values } of source.blocks()) {
    for (let row = 0; row < n; row++) {
      const place = places[start + row];
      const range = [indptr[row], indptr[row + 1]] as const;
      if (place >= 0) rows[place] = { indices: indices.slice(...range), values: values.slice(...range) };
    }
  }
  const starts = new Uint32Array(order.length + 1);
  for (const [i, { indices }] of rows.entries()) starts[i + 1] = starts[i] + indices.length;
  const chosen: Csr = {
    rows: order.length,
    columns: source.columns,
    indptr: starts,
    indices: new Int32Array(starts[order.length]),
    values: new Float32Array(starts[order.length]),
  };
  for (const [i, { indices, values }] of rows.entries()) {
    chosen.indices.set(indices, starts[i]);
    chosen.values.set(values, starts[i]);
  }
  return chosen;
}
