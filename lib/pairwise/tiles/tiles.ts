/** Division of all pairs of n rows into tiles. It depends on n only, never on the number of threads. */
import type { Tile } from '../spaces/space.ts';

/** Side of a tile over all pairs: 512 × 512 values are 1 MB, which stays in a core's own cache. */
const SIDE = 512;

/** Yields the tiles of all pairs i < j of `n` rows, in fixed order: by rows, then columns. */
export function* allPairTiles(n: number): Generator<Tile> {
  for (let rowStart = 0; rowStart < n; rowStart += SIDE) {
    for (let columnStart = rowStart; columnStart < n; columnStart += SIDE) {
      yield {
        rowStart,
        rowEnd: Math.min(n, rowStart + SIDE),
        columnStart,
        columnEnd: Math.min(n, columnStart + SIDE),
        upper: columnStart === rowStart,
      };
    }
  }
}

/** Returns the column of the first pair of a row in a tile: next to the diagonal for a tile on it. */
export function firstColumn(tile: Tile, row: number): number {
  return tile.upper ? Math.max(tile.columnStart, row + 1) : tile.columnStart;
}

/** Number of pairs of a tile. */
export function pairsOf(tile: Tile): number {
  let pairs = 0;
  for (let row = tile.rowStart; row < tile.rowEnd; row++) {
    pairs += Math.max(0, tile.columnEnd - firstColumn(tile, row));
  }
  return pairs;
}

/**
 * Splits 0 … costs.length − 1 into runs of nearly equal cost: total / target runs, rounded up, at most `most`.
 *
 * @returns [from, to) of each run; no runs without costs
 */
export function evenRuns(costs: ArrayLike<number>, target: number, most: number): [number, number][] {
  let total = 0;
  for (let i = 0; i < costs.length; i++) total += costs[i];
  const parts = Math.max(1, Math.min(most, Math.ceil(total / target)));
  const runs: [number, number][] = [];
  let from = 0;
  let done = 0;
  for (let i = 0; i < costs.length; i++) {
    done += costs[i];
    if (done * parts >= total * (runs.length + 1) || i === costs.length - 1) {
      runs.push([from, i + 1]);
      from = i + 1;
    }
  }
  return runs;
}
