/**
 * Lists of the k nearest rows of some rows. A neighbour is stored as one number, its key: the bits of its distance (which
 * sort like the distance, since it is never negative) above its row number. Keys of a list are therefore never equal, and
 * the smallest keys are the nearest rows, ties by row number, whatever their order of arrival.
 *
 * A list has room for more than k keys, unordered. A full list is cut back to the k smallest keys, and later keys are
 * accepted only below the largest of these.
 */

/** Keys, u64[lists · capacity]. */
let keys: usize;
/** Number of keys of each list, u32[lists]. */
let counts: usize;
/** Limit of each list, f32[lists]: distances above it are refused. */
let limits: usize;
/** Bound of each list, u64[lists]: only keys below it are accepted. */
let bounds: usize;
let capacity: u32;
let k: u32;

/** Sets the addresses of the lists. @param room capacity of a list, at least k + 1 */
export function setLists(
  keysAt: usize, countsAt: usize, limitsAt: usize, boundsAt: usize, room: u32, neighbours: u32,
): void {
  keys = keysAt;
  counts = countsAt;
  limits = limitsAt;
  bounds = boundsAt;
  capacity = room;
  k = neighbours;
}

/** Empties the first `n` lists. */
export function clearLists(n: u32): void {
  for (let list: u32 = 0; list < n; list++) {
    store<u32>(counts + (<usize>list << 2), 0);
    store<f32>(limits + (<usize>list << 2), k == 0 ? -1 : Infinity);
    store<u64>(bounds + (<usize>list << 3), k == 0 ? 0 : u64.MAX_VALUE);
  }
}

// @ts-ignore: decorator
@inline
export function limitsFrom(list: u32): usize {
  return limits + (<usize>list << 2);
}

// @ts-ignore: decorator
@inline
export function keyOf(distance: f32, row: u32): u64 {
  return (<u64>reinterpret<u32>(distance) << 32) | row;
}

export function offer(list: u32, key: u64): void {
  const bound = bounds + (<usize>list << 3);
  if (key >= load<u64>(bound)) return;
  const countAt = counts + (<usize>list << 2);
  let count = load<u32>(countAt);
  if (count == capacity) {
    cutBack(list);
    if (key >= load<u64>(bound)) return;
    count = k;
  }
  store<u64>(keys + ((<usize>list * capacity + count) << 3), key);
  store<u32>(countAt, count + 1);
}

/** Row number of a list's k-th neighbour; the largest u32 while the list has not been cut back. */
// @ts-ignore: decorator
@inline
export function lastNumber(list: u32): u32 {
  return <u32>load<u64>(bounds + (<usize>list << 3));
}

/** Cuts back a list that has k keys or more and no limit yet. */
// @ts-ignore: decorator
@inline
export function limit(list: u32): void {
  if (load<u64>(bounds + (<usize>list << 3)) == u64.MAX_VALUE && load<u32>(counts + (<usize>list << 2)) >= k) {
    cutBack(list);
  }
}

/** Cuts back a list of at least k keys to the k smallest, and sets its limit and bound. */
function cutBack(list: u32): void {
  const from = keys + ((<usize>list * capacity) << 3);
  const countAt = counts + (<usize>list << 2);
  const farthest = from + (<usize>(k - 1) << 3);
  select(from, from + (<usize>(load<u32>(countAt) - 1) << 3), farthest);
  const bound = load<u64>(farthest);
  store<u32>(countAt, k);
  store<u64>(bounds + (<usize>list << 3), bound);
  store<f32>(limits + (<usize>list << 2), reinterpret<f32>(<u32>(bound >> 32)));
}

/** Sorts the k smallest keys of a list, or all if there are fewer, to its front. @returns their number */
export function finish(list: u32): u32 {
  if (k == 0) return 0;
  const countAt = counts + (<usize>list << 2);
  if (load<u32>(countAt) > k) cutBack(list);
  const count = load<u32>(countAt);
  const from = keys + ((<usize>list * capacity) << 3);
  if (count > 1) sort(from, from + (<usize>(count - 1) << 3));
  return count;
}

// @ts-ignore: decorator
@inline
export function keyAt(list: u32, place: u32): u64 {
  return load<u64>(keys + ((<usize>list * capacity + place) << 3));
}

/** End of the lower part after the last `split`: keys up to it are at most the pivot. */
let splitEnd: usize;

/**
 * Partitions the keys from `low` to `high`, both included, by Hoare's scheme.
 *
 * @param pivot one of the keys
 * @returns start of the keys that are at least `pivot`; keys between `splitEnd` and this start equal it
 */
function split(low: usize, high: usize, pivot: u64): usize {
  let i = low;
  let j = high;
  while (i <= j) {
    while (load<u64>(i) < pivot) i += 8;
    while (pivot < load<u64>(j)) j -= 8;
    if (i > j) break;
    const key = load<u64>(i);
    store<u64>(i, load<u64>(j));
    store<u64>(j, key);
    i += 8;
    j -= 8;
  }
  splitEnd = j;
  return i;
}

/** Brings the key of its rank to `place`, and smaller keys before it (Hoare's FIND). */
function select(low: usize, high: usize, place: usize): void {
  while (low < high) {
    const next = split(low, high, load<u64>(place));
    if (splitEnd < place) low = next;
    if (place < next) high = splitEnd;
  }
}

/** Bytes of keys up to which insertion sort is used. */
const FEW: usize = 16 << 3;

function sort(low: usize, high: usize): void {
  while (low + FEW < high) {
    const next = split(low, high, load<u64>(low + ((((high - low) >>> 3) >>> 1) << 3)));
    const end = splitEnd;
    // The smaller part is sorted by recursion and the larger part in this loop, which bounds the depth of recursion.
    if (end - low < high - next) {
      sort(low, end);
      low = next;
    } else {
      sort(next, high);
      high = end;
    }
  }
  for (let at = low + 8; at <= high; at += 8) {
    const key = load<u64>(at);
    let to = at;
    for (; to > low && load<u64>(to - 8) > key; to -= 8) store<u64>(to, load<u64>(to - 8));
    store<u64>(to, key);
  }
}
