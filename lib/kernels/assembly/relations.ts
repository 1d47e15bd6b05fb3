//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads
/**
 * Counts of pairs by cell, number of cut-offs that their value passes, and class, in AssemblyScript with SIMD. A pair is
 * counted for both of its cells. Counts of a tile's columns are bytes, so that all of them stay in a core's first cache,
 * and are emptied before one could overflow. Counts of a row are 16 bits, separate for each lane, so that increments do
 * not wait for each other.
 */

/** Number of the last bucket of the table from values to cut-offs, for values above all others. */
const LAST_BUCKET: i32 = 1024;
/** Number of rows after which a byte may be full. */
const MOST_ROWS: u32 = 255;

/** Number of cut-offs below `v`, or for similarities not above it; the entry of `bucket` is a lower bound of it. */
// @ts-ignore: decorator
@inline
function passed(v: f32, bucket: i32, buckets: usize, cutoffs: usize, distance: bool): usize {
  let n = <usize>load<u16>(buckets + (<usize>bucket << 1));
  if (distance) while (load<f32>(cutoffs + (n << 2)) < v) n++;
  else while (load<f32>(cutoffs + (n << 2)) <= v) n++;
  return n;
}

/** Counts a pair for its column, in a byte, and for its row, in 16 bits. */
// @ts-ignore: decorator
@inline
function tally(column: usize, row: usize): void {
  store<u8>(column, load<u8>(column) + 1);
  store<u16>(row, load<u16>(row) + 1);
}

/**
 * Counts the pairs of a tile.
 *
 * @param values values of the first row; rows are `stride` bytes apart; NaN passes no cut-off. A row is read up to three
 *   numbers beyond its end
 * @param skip row i is counted from column max(0, skip + i) on
 * @param defined a byte for each row: 0 if it has no values
 * @param rowLabels label codes (i32) of the rows; `columnLabels` those of the columns
 * @param rowBatches batch codes of the rows, −1 for none; not read if `kinds` is 1; `columnBatches` those of the columns
 * @param kinds number of classes of pairs by batch: 1 (no batches), or 2 or 3: same, other, unknown
 * @param cutoffs ascending, followed by NaN
 * @param bytes counts of the columns, all 0; `step` bytes per column, a multiple of 16
 * @param own counts of a row, all 0: four of 16 bits for each place, an even number of places
 * @param rowCounts counts (u32) of the first row: [cut-offs passed][class], `width` per cell; `columnCounts` those of the
 *   first column. The counts of the last cell are followed by room for 16 more
 */
export function addTile(
  values: usize, rows: u32, columns: u32, stride: usize, skip: i32, defined: usize,
  rowLabels: usize, rowBatches: usize, columnLabels: usize, columnBatches: usize, kinds: u32,
  lowest: f32, scale: f32, buckets: usize, cutoffs: usize, distance: bool,
  bytes: usize, step: usize, own: usize, width: u32, rowCounts: usize, columnCounts: usize,
): void {
  let full: u32 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    const first = max<i32>(0, skip + <i32>r);
    if (first < <i32>columns && load<u8>(defined + r) != 0) {
      addRow(
        values + (<usize>first << 2), columns - first, columnLabels + (<usize>first << 2),
        columnBatches + (<usize>first << 2), load<i32>(rowLabels + (<usize>r << 2)),
        kinds > 1 ? load<i32>(rowBatches + (<usize>r << 2)) : 0, kinds, lowest, scale, buckets, cutoffs, distance,
        bytes + <usize>first * step, step, own,
      );
      settle(own, width, rowCounts);
      if (++full == MOST_ROWS) {
        empty(bytes, step, columns, columnCounts, width);
        full = 0;
      }
    }
    values += stride;
    rowCounts += <usize>width << 2;
  }
  if (full > 0) empty(bytes, step, columns, columnCounts, width);
}

function addRow(
  values: usize, n: u32, labels: usize, batches: usize, rowLabel: i32, rowBatch: i32, kinds: u32,
  lowest: f32, scale: f32, buckets: usize, cutoffs: usize, distance: bool,
  bytes: usize, step: usize, own: usize,
): void {
  const lowest4 = f32x4.splat(lowest);
  const scale4 = f32x4.splat(scale);
  const zero = i32x4.splat(0);
  const one = i32x4.splat(1);
  const lastBucket = i32x4.splat(LAST_BUCKET);
  const rowLabel4 = i32x4.splat(rowLabel);
  const rowBatch4 = i32x4.splat(rowBatch);
  const kinds4 = i32x4.splat(kinds);
  const far = f32x4.splat(distance ? Infinity : -Infinity);
  const ofRow = rowBatch < 0 ? i32x4.splat(-1) : zero;
  const classes = <usize>kinds << 1;
  for (; n > 0; ) {
    const read = v128.load(values);
    const v = v128.bitselect(read, far, f32x4.eq(read, read));
    const bucket = i32x4.min_s(
      lastBucket,
      i32x4.max_s(zero, i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(v, lowest4), scale4))),
    );
    let kind = v128.and(i32x4.ne(v128.load(labels), rowLabel4), kinds4);
    if (kinds > 1) {
      const batch = v128.load(batches);
      // Kind: 0 for the same batch, 1 for another, 2 where a batch is unknown.
      const known = i32x4.add(one, i32x4.eq(batch, rowBatch4));
      const unknown = v128.or(ofRow, i32x4.lt_s(batch, zero));
      kind = i32x4.add(kind, v128.bitselect(i32x4.splat(2), known, unknown));
    }
    let place = passed(f32x4.extract_lane(v, 0), i32x4.extract_lane(bucket, 0), buckets, cutoffs, distance);
    place = place * classes + <usize><u32>i32x4.extract_lane(kind, 0);
    tally(bytes + place, own + (place << 3));
    if (n == 1) break;
    place = passed(f32x4.extract_lane(v, 1), i32x4.extract_lane(bucket, 1), buckets, cutoffs, distance);
    place = place * classes + <usize><u32>i32x4.extract_lane(kind, 1);
    tally(bytes + step + place, own + 2 + (place << 3));
    if (n == 2) break;
    place = passed(f32x4.extract_lane(v, 2), i32x4.extract_lane(bucket, 2), buckets, cutoffs, distance);
    place = place * classes + <usize><u32>i32x4.extract_lane(kind, 2);
    tally(bytes + 2 * step + place, own + 4 + (place << 3));
    if (n == 3) break;
    place = passed(f32x4.extract_lane(v, 3), i32x4.extract_lane(bucket, 3), buckets, cutoffs, distance);
    place = place * classes + <usize><u32>i32x4.extract_lane(kind, 3);
    tally(bytes + 3 * step + place, own + 6 + (place << 3));
    values += 16;
    labels += 16;
    batches += 16;
    bytes += 4 * step;
    n -= 4;
  }
}

/** Adds a row's 16-bit counts, two places at a time, to the counts of its cell, and zeroes them. */
function settle(own: usize, width: u32, counts: usize): void {
  for (const end = counts + (<usize>width << 2); counts < end; counts += 8) {
    const v = v128.load(own);
    if (v128.any_true(v)) {
      const pairs = i32x4.extadd_pairwise_i16x8_u(v);
      const sums = i32x4.add(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2));
      store<u32>(counts, load<u32>(counts) + i32x4.extract_lane(sums, 0));
      store<u32>(counts, load<u32>(counts, 4) + i32x4.extract_lane(sums, 2), 4);
      v128.store(own, i32x4.splat(0));
    }
    own += 16;
  }
}

/** Adds the bytes of columns to their counts, and zeroes them. Bytes after the last place of a column are 0. */
function empty(bytes: usize, step: usize, columns: u32, counts: usize, width: u32): void {
  for (; columns > 0; columns--) {
    let at = counts;
    for (const end = bytes + step; bytes < end; bytes += 16) {
      const v = v128.load(bytes);
      if (v128.any_true(v)) {
        const low = i16x8.extend_low_i8x16_u(v);
        const high = i16x8.extend_high_i8x16_u(v);
        v128.store(at, i32x4.add(v128.load(at), i32x4.extend_low_i16x8_u(low)));
        v128.store(at, i32x4.add(v128.load(at, 16), i32x4.extend_high_i16x8_u(low)), 16);
        v128.store(at, i32x4.add(v128.load(at, 32), i32x4.extend_low_i16x8_u(high)), 32);
        v128.store(at, i32x4.add(v128.load(at, 48), i32x4.extend_high_i16x8_u(high)), 48);
        v128.store(bytes, i32x4.splat(0));
      }
      at += 64;
    }
    counts += <usize>width << 2;
  }
}
