/**
 * The order of 32-bit floats as whole numbers: the bits of a float, flipped so that they ascend with its value (all
 * bits of a negative one, the sign of others). So a histogram by leading bits needs no range and leaves nothing
 * out, and the trailing bits resolve a bin down to single values.
 */

/** The 32 bits of a float (read as unsigned) to its place in the order. NaN has no place: keep it out. */
export function keyOfBits(bits: number): number {
  return (bits ^ (-(bits >>> 31) | 0x80000000)) >>> 0;
}

const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4));

/** The float at a place in the order. */
export function valueOfKey(key: number): number {
  bits.setUint32(0, key & 0x80000000 ? key ^ 0x80000000 : ~key);
  return bits.getFloat32(0);
}
