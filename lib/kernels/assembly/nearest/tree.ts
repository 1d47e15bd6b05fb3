/**
 * Nearest neighbours of points of few dimensions. Points lie in leaves of 32, which are adjacent in memory and close in
 * space; leaves are in a binary tree of bounding boxes. The points of a leaf search together: they walk the tree, their
 * own leaf and nearer boxes first, and skip boxes that cannot contain a point within the limit of any of them.
 *
 * Distances have the bits of pairs/difference-f32.ts. The distance of a box is summed in the same order from numbers that
 * are not greater, and rounding is monotonic. So it is never greater than the distance of a point in the box, and skipping
 * needs no margin.
 */
import { clearLists, finish, keyAt, keyOf, lastNumber, limit, limitsFrom, offer } from './lists';

const LANES: u32 = 32;
/** Binary logarithm of the bytes of 32 floats. */
const LANE_BYTES: u32 = 7;

let dims: u32;
let points: u32;
let leaves: u32;
/** Coordinates, f32[leaves][dims][32]; NaN in lanes without a point. */
let panels: usize;
/** Row number of each point, u32[leaves][32]. */
let numbers: usize;
/** Boxes, f32[nodes][2][dims]: least and largest coordinates. Node 1 is the root, 2i and 2i + 1 are the halves of i. */
let boxes: usize;
/** Least row number of each node, u32[nodes]. */
let leasts: usize;
/** Scratch of this thread, f32[32]. */
let room: usize;
/** Number of neighbours of a point, and the outputs: u32 and f32, [points][listed], the point itself first. */
let listed: u32;
let indices: usize;
let distances: usize;

export function setTree(
  ofDims: u32, ofPoints: u32, panelsAt: usize, numbersAt: usize, boxesAt: usize, leastsAt: usize,
  roomAt: usize, k: u32, indicesAt: usize, distancesAt: usize,
): void {
  dims = ofDims;
  points = ofPoints;
  leaves = (ofPoints + LANES - 1) / LANES;
  panels = panelsAt;
  numbers = numbersAt;
  boxes = boxesAt;
  leasts = leastsAt;
  room = roomAt;
  listed = k;
  indices = indicesAt;
  distances = distancesAt;
}

/** Searching leaf: its number, panel, box and number of points, and the largest of their limits. */
let own: u32;
let ownPanel: usize;
let ownBox: usize;
let ownLanes: u32;
let ownLimit: f32;

/** Finds the neighbours of the points of the leaves `from` … `to` − 1. */
export function searchLeaves(from: u32, to: u32): void {
  for (own = from; own < to; own++) {
    ownPanel = panelOf(own);
    ownBox = boxOf(nodeOf(own));
    ownLanes = min(LANES, points - own * LANES);
    clearLists(LANES);
    // Lanes without a point: no distance is within their limit.
    for (let lane = ownLanes; lane < LANES; lane++) store<f32>(limitsFrom(lane), -1);
    ownLimit = Infinity;
    visit(1, 0, leaves);
    for (let lane: u32 = 0; lane < ownLanes; lane++) write(lane);
  }
}

// @ts-ignore: decorator
@inline
function panelOf(leaf: u32): usize {
  return panels + ((<usize>leaf * dims) << LANE_BYTES);
}

// @ts-ignore: decorator
@inline
function boxOf(node: u32): usize {
  return boxes + ((<usize>node * dims) << 3);
}

/** Start of the second half of a node's leaves, `from` to `to` − 1. */
// @ts-ignore: decorator
@inline
function middleOf(from: u32, to: u32): u32 {
  return (from + to + 1) >>> 1;
}

function nodeOf(leaf: u32): u32 {
  let node: u32 = 1;
  let from: u32 = 0;
  let to = leaves;
  while (to - from > 1) {
    const middle = middleOf(from, to);
    node <<= 1;
    if (leaf < middle) to = middle;
    else {
      from = middle;
      node++;
    }
  }
  return node;
}

/** Visits a node with the leaves `from` to `to` − 1, the nearer half first. */
function visit(node: u32, from: u32, to: u32): void {
  if (to - from == 1) {
    meet(node, from);
    return;
  }
  const middle = middleOf(from, to);
  const first = node << 1;
  const ofFirst: f32 = own >= from && own < middle ? 0 : distanceOf(first);
  const ofSecond: f32 = own >= middle && own < to ? 0 : distanceOf(first + 1);
  const isFirst = own >= from && own < to ? own < middle : leastOf(first) < leastOf(first + 1);
  if (ofFirst < ofSecond || (ofFirst == ofSecond && isFirst)) {
    if (mayHold(first, ofFirst)) visit(first, from, middle);
    if (mayHold(first + 1, ofSecond)) visit(first + 1, middle, to);
  } else {
    if (mayHold(first + 1, ofSecond)) visit(first + 1, middle, to);
    if (mayHold(first, ofFirst)) visit(first, from, middle);
  }
}

// @ts-ignore: decorator
@inline
function leastOf(node: u32): u32 {
  return load<u32>(leasts + (<usize>node << 2));
}

/**
 * Whether a node at a distance may contain neighbours. At exactly the largest limit, it must contain a lower row number
 * than the last neighbour of some point; without this condition, all equal points would be compared with each other.
 */
// @ts-ignore: decorator
@inline
function mayHold(node: u32, distance: f32): bool {
  return distance < ownLimit || (distance == ownLimit && leastOf(node) < farthestNumber());
}

function farthestNumber(): u32 {
  let number: u32 = 0;
  for (let lane: u32 = 0; lane < ownLanes; lane++) number = max(number, lastNumber(lane));
  return number;
}

/** Distance between the boxes of a node and of the searching leaf: at most the distance of any two points in them. */
function distanceOf(node: u32): f32 {
  const high = <usize>dims << 2;
  let theirs = boxOf(node);
  let ours = ownBox;
  let sum: f32 = 0;
  for (const end = ours + high; ours < end; ours += 4) {
    const below = load<f32>(ours) - load<f32>(theirs + high);
    const above = load<f32>(theirs) - load<f32>(ours + high);
    const apart = below > above ? below : above;
    if (apart > 0) sum += apart * apart;
    theirs += 4;
  }
  return sqrt<f32>(sum);
}

// @ts-ignore: decorator
@inline
function square(x: v128): v128 {
  return f32x4.mul(x, x);
}

/** Returns a bit mask of the points that may have neighbours in the box. */
function pointsNear(box: usize): u32 {
  let near: u32 = 0;
  const zero = f32x4.splat(0);
  const high = <usize>dims << 2;
  for (let lane: u32 = 0; lane < LANES; lane += 4) {
    let sum = zero;
    let at = ownPanel + (<usize>lane << 2);
    for (let low = box; low < box + high; low += 4) {
      const x = v128.load(at);
      const below = f32x4.sub(v128.load32_splat(low), x);
      const above = f32x4.sub(x, v128.load32_splat(low + high));
      sum = f32x4.add(sum, square(f32x4.pmax(f32x4.pmax(below, above), zero)));
      at += 128;
    }
    near |= i32x4.bitmask(f32x4.le(f32x4.sqrt(sum), v128.load(limitsFrom(lane)))) << lane;
  }
  return near;
}

// @ts-ignore: decorator
@inline
function narrow(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}

/** Compares the points of the searching leaf with those of another leaf, or with each other. */
function meet(node: u32, leaf: u32): void {
  const panel = panelOf(leaf);
  const end = panel + (<usize>dims << LANE_BYTES);
  const all: u32 = <u32>-1 >>> (LANES - ownLanes);
  let searching = leaf == own ? all : pointsNear(boxOf(node));
  for (; searching != 0; searching &= searching - 1) {
    const point = ctz(searching);
    let x = ownPanel + (<usize>point << 2);
    let a0 = f32x4.splat(0);
    let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    for (let at = panel; at < end; at += 128) {
      const v = v128.load32_splat(x);
      a0 = f32x4.add(a0, square(f32x4.sub(v, v128.load(at, 0))));
      a1 = f32x4.add(a1, square(f32x4.sub(v, v128.load(at, 16))));
      a2 = f32x4.add(a2, square(f32x4.sub(v, v128.load(at, 32))));
      a3 = f32x4.add(a3, square(f32x4.sub(v, v128.load(at, 48))));
      a4 = f32x4.add(a4, square(f32x4.sub(v, v128.load(at, 64))));
      a5 = f32x4.add(a5, square(f32x4.sub(v, v128.load(at, 80))));
      a6 = f32x4.add(a6, square(f32x4.sub(v, v128.load(at, 96))));
      a7 = f32x4.add(a7, square(f32x4.sub(v, v128.load(at, 112))));
      x += 128;
    }
    const most = v128.load32_splat(limitsFrom(point));
    a0 = f32x4.sqrt(a0);
    a1 = f32x4.sqrt(a1);
    a2 = f32x4.sqrt(a2);
    a3 = f32x4.sqrt(a3);
    a4 = f32x4.sqrt(a4);
    a5 = f32x4.sqrt(a5);
    a6 = f32x4.sqrt(a6);
    a7 = f32x4.sqrt(a7);
    const nearFirst = narrow(f32x4.le(a0, most), f32x4.le(a1, most), f32x4.le(a2, most), f32x4.le(a3, most));
    const nearLast = narrow(f32x4.le(a4, most), f32x4.le(a5, most), f32x4.le(a6, most), f32x4.le(a7, most));
    let near: u32 = i8x16.bitmask(nearFirst) | (i8x16.bitmask(nearLast) << 16);
    if (leaf == own) near &= ~(1 << point);
    if (near == 0) continue;
    v128.store(room, a0, 0);
    v128.store(room, a1, 16);
    v128.store(room, a2, 32);
    v128.store(room, a3, 48);
    v128.store(room, a4, 64);
    v128.store(room, a5, 80);
    v128.store(room, a6, 96);
    v128.store(room, a7, 112);
    for (; near != 0; near &= near - 1) {
      const lane = ctz(near);
      const number = load<u32>(numbers + ((<usize>leaf * LANES + lane) << 2));
      offer(point, keyOf(load<f32>(room + (<usize>lane << 2)), number));
    }
    limit(point);
  }
  let most = v128.load(limitsFrom(0));
  for (let lane: u32 = 4; lane < LANES; lane += 4) most = f32x4.pmax(most, v128.load(limitsFrom(lane)));
  most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 1, 0, 3, 2));
  ownLimit = f32x4.extract_lane(most, 0);
}

/** Writes the neighbours of a point: the point itself, then the others by distance, ties by number. */
function write(point: u32): void {
  const number = load<u32>(numbers + ((<usize>own * LANES + point) << 2));
  const count = finish(point);
  let index = indices + ((<usize>number * listed) << 2);
  let distance = distances + ((<usize>number * listed) << 2);
  store<u32>(index, number);
  store<f32>(distance, 0);
  for (let place: u32 = 0; place < count; place++) {
    const key = keyAt(point, place);
    index += 4;
    distance += 4;
    store<u32>(index, <u32>key);
    store<u32>(distance, <u32>(key >> 32));
  }
}
