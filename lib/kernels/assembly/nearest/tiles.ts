/** Neighbours from tiles of distances, each of which is offered to the lists of its row and its column. */
import { keyOf, limitsFrom, offer } from './lists';

/** Replaces `n` similarities v (a multiple of 4) by the distances 1 − v. */
export function toDistances(values: usize, n: u32): void {
  const one = f32x4.splat(1);
  const end = values + (<usize>n << 2);
  for (; values < end; values += 16) v128.store(values, f32x4.sub(one, v128.load(values)));
}

// @ts-ignore: decorator
@inline
function isNear(distances: usize, limit: v128, columnLimits: usize): v128 {
  return f32x4.le(v128.load(distances), f32x4.pmax(limit, v128.load(columnLimits)));
}

/**
 * Offers the distances between rows `row` … `row + rows − 1` and columns `column` … `column + columns − 1` (a multiple of
 * 16, NaN past the end) to the lists. Distances lie at `values`, rows `stride` numbers apart. Lists are numbered from
 * `rowList` and `columnList` on.
 *
 * @param isUpper whether rows and columns have the same numbering, and only columns after the row count
 * @param forRows whether rows get neighbours, too
 */
export function meetTile(
  values: usize, stride: u32, row: u32, rows: u32, column: u32, columns: u32, rowList: u32, columnList: u32,
  isUpper: bool, forRows: bool,
): void {
  const columnLimits = limitsFrom(columnList);
  for (const end = row + rows; row < end; row++) {
    const first: u32 = isUpper && row >= column ? row - column + 1 : 0;
    const rowLimit = limitsFrom(rowList);
    const limit = forRows ? v128.load32_splat(rowLimit) : f32x4.splat(-1);
    for (let at = first & ~15; at < columns; at += 16) {
      const from = values + (<usize>at << 2);
      const to = columnLimits + (<usize>at << 2);
      const near0 = isNear(from, limit, to), near1 = isNear(from + 16, limit, to + 16);
      const near2 = isNear(from + 32, limit, to + 32), near3 = isNear(from + 48, limit, to + 48);
      if (!v128.any_true(v128.or(v128.or(near0, near1), v128.or(near2, near3)))) continue;
      let near: u32 = i8x16.bitmask(
        i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(near0, near1), i16x8.narrow_i32x4_s(near2, near3)),
      );
      if (at < first) near &= <u32>-1 << (first - at);
      for (; near != 0; near &= near - 1) {
        const place = at + ctz(near);
        const distance = load<f32>(values + (<usize>place << 2));
        if (forRows && distance <= load<f32>(rowLimit)) offer(rowList, keyOf(distance, column + place));
        if (distance <= load<f32>(columnLimits + (<usize>place << 2))) {
          offer(columnList + place, keyOf(distance, row));
        }
      }
    }
    values += <usize>stride << 2;
    rowList++;
  }
}
