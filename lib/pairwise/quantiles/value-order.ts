/**
 * Order-preserving integer keys of 32-bit floats: the bits of a float, flipped so that they ascend with its value (all
 * bits of a negative float, the sign bit of others). A histogram by leading bits thus needs no range and leaves nothing
 * out, and the trailing bits resolve a bin down to single values.
 */

/** Returns the key of a float from its 32 bits (read as unsigned). NaN has no key and must not be passed. */
export function keyOfBits(bits: number): number {
  return (bits ^ (-(bits >>> 31) | 0x80000000)) >>> 0;
}

const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4));

/** Returns the float with a key. */
export function valueOfKey(key: number): number {
  bits.setUint32(0, key & 0x80000000 ? key ^ 0x80000000 : ~key);
  return bits.getFloat32(0);
}
