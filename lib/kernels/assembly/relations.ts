/**
 * Counts of pairs by cell, by how many cut-offs their value passes, and by class, in AssemblyScript with SIMD. A pair
 * is counted for both of its cells: for the one of the column in that cell's own counts, for the one of the row in
 * `own`, once a lane, so that no count waits for the one before.
 */

/** Buckets of the table from values to cut-offs; one more for what lies above. */
const LAST_BUCKET: i32 = 1024;

// @ts-ignore: decorator
@inline
function tally(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/** How many cut-offs are below `v`, or for similarities not above it: `bucket` says how many surely are. */
// @ts-ignore: decorator
@inline
function passed(v: f32, bucket: i32, buckets: usize, cutoffs: usize, distance: bool): usize {
  let n = <usize>load<u16>(buckets + (<usize>bucket << 1));
  if (distance) while (load<f32>(cutoffs + (n << 2)) < v) n++;
  else while (load<f32>(cutoffs + (n << 2)) <= v) n++;
  return n;
}

/**
 * Counts the pairs of one row with `n` columns.
 *
 * @param values their values; NaN passes no cut-off
 * @param labels codes (i32) of the labels of the columns
 * @param batches codes of their batches, −1 for none; not read if `kinds` is 1
 * @param kinds classes of pairs by batch: 1 (none), or 2 and 3: same, other, unknown
 * @param cutoffs ascending, and NaN behind the last
 * @param counts of the first column: [cut-offs passed][class]; `width` counts a column
 * @param own the same for the row, four of each
 */
export function addRow(
  values: usize, n: u32, labels: usize, batches: usize, rowLabel: i32, rowBatch: i32, kinds: u32,
  lowest: f32, scale: f32, buckets: usize, cutoffs: usize, distance: bool,
  counts: usize, width: u32, own: usize,
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
  const step = <usize>width << 2;
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
      // 0 for the same, 1 for another; one more of 2 where one is unknown.
      const known = i32x4.add(one, i32x4.eq(batch, rowBatch4));
      const unknown = v128.or(ofRow, i32x4.lt_s(batch, zero));
      kind = i32x4.add(kind, v128.bitselect(i32x4.splat(2), known, unknown));
    }
    let place = passed(f32x4.extract_lane(v, 0), i32x4.extract_lane(bucket, 0), buckets, cutoffs, distance);
    place = place * classes + <usize><u32>i32x4.extract_lane(kind, 0);
    tally(counts + (place << 2));
    tally(own + (place << 4));
    if (n == 1) break;
    place = passed(f32x4.extract_lane(v, 1), i32x4.extract_lane(bucket, 1), buckets, cutoffs, distance);
    place = place * classes + <usize><u32>i32x4.extract_lane(kind, 1);
    tally(counts + step + (place << 2));
    tally(own + 4 + (place << 4));
    if (n == 2) break;
    place = passed(f32x4.extract_lane(v, 2), i32x4.extract_lane(bucket, 2), buckets, cutoffs, distance);
    place = place * classes + <usize><u32>i32x4.extract_lane(kind, 2);
    tally(counts + 2 * step + (place << 2));
    tally(own + 8 + (place << 4));
    if (n == 3) break;
    place = passed(f32x4.extract_lane(v, 3), i32x4.extract_lane(bucket, 3), buckets, cutoffs, distance);
    place = place * classes + <usize><u32>i32x4.extract_lane(kind, 3);
    tally(counts + 3 * step + (place << 2));
    tally(own + 12 + (place << 4));
    values += 16;
    labels += 16;
    batches += 16;
    counts += 4 * step;
    n -= 4;
  }
}

/** Adds a row's own counts, four of each, to those of its cell, and zeroes them. */
export function settle(own: usize, width: u32, counts: usize): void {
  for (; width > 0; width--) {
    const sum = load<u32>(own) + load<u32>(own, 4) + load<u32>(own, 8) + load<u32>(own, 12);
    store<u32>(counts, load<u32>(counts) + sum);
    v128.store(own, i32x4.splat(0));
    own += 16;
    counts += 4;
  }
}
