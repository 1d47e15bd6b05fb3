/** Types of the elements of an HDF5 dataset: those that can be read as they are meant, and names for the others. */
import type { H5Metadata } from './h5wasm.ts';

export type ElementClass = 'integer' | 'float' | 'string' | 'boolean' | 'enum' | 'compound' | 'other';

/** Parts of h5wasm's description of a type that are used here; fields of compounds have them too. */
export type TypeMetadata = Pick<H5Metadata, 'type' | 'size' | 'signed' | 'littleEndian' | 'enum_type'>;

export interface ElementType {
  readonly class: ElementClass;
  /** Name for messages: 'float32', 'int64', 'string', 'compound', 'variable-length list'. */
  readonly dtype: string;
  /** Size of one element in bytes. */
  readonly bytes: number;
  /** Name of each value of an enumeration (booleans are one). */
  readonly levels?: ReadonlyMap<number, string>;
}

// Codes of H5T_class_t.
const INTEGER = 0;
const FLOAT = 1;
const STRING = 3;
const COMPOUND = 6;
const ENUM = 8;
const OTHERS: Readonly<Record<number, string>> = {
  2: 'time',
  4: 'bit field',
  5: 'opaque',
  7: 'reference',
  9: 'variable-length list',
  10: 'array',
  11: 'complex',
};

/** Values that may be clipped: h5wasm holds values of enumerations as 32-bit integers and clips those beyond. */
const CLIPPED: ReadonlySet<number> = new Set([2 ** 31 - 1, -(2 ** 31)]);

/** Describes a type. Sizes that h5wasm would misread (3-byte integers, 16-bit floats) are of class 'other'. */
export function elementType(metadata: TypeMetadata): ElementType {
  const { type, size: bytes } = metadata;
  const bits = bytes * 8;
  switch (type) {
    case INTEGER: {
      const dtype = `${metadata.signed ? 'int' : 'uint'}${bits}`;
      return { class: [1, 2, 4, 8].includes(bytes) ? 'integer' : 'other', dtype, bytes };
    }
    case FLOAT:
      return { class: bytes === 4 || bytes === 8 ? 'float' : 'other', dtype: `float${bits}`, bytes };
    case STRING:
      return { class: 'string', dtype: 'string', bytes };
    case COMPOUND:
      return { class: 'compound', dtype: 'compound', bytes };
    case ENUM:
      return enumeration(metadata);
    default:
      return { class: 'other', dtype: OTHERS[type] ?? `HDF5 class ${type}`, bytes };
  }
}

/**
 * Type of an enumeration. Booleans are the enumeration FALSE = 0, TRUE = 1, as h5py writes it, or that with a third level
 * NA, as R does. Any other enumeration is a factor: its levels mean something by their names.
 */
function enumeration(metadata: TypeMetadata): ElementType {
  const { size: bytes, enum_type: found } = metadata;
  const members = Object.entries(found?.members ?? {});
  const levels = new Map(members.map(([name, value]) => [value, name]));
  const isWhole =
    found?.type === INTEGER &&
    [1, 2, 4, 8].includes(bytes) &&
    levels.size === found.nmembers &&
    !members.some(([name, value]) => name.includes('\ufffd') || (bytes >= 4 && CLIPPED.has(value)));
  // h5wasm cannot reverse the bytes of an enumeration.
  if (bytes > 1 && !metadata.littleEndian) return { class: 'other', dtype: 'big-endian enumeration', bytes };
  if (!isWhole) return { class: 'other', dtype: 'unreadable enumeration', bytes };
  const isBoolean =
    levels.get(0) === 'FALSE' &&
    levels.get(1) === 'TRUE' &&
    (levels.size === 2 || (levels.size === 3 && found.members.NA !== undefined));
  return {
    class: isBoolean ? 'boolean' : 'enum',
    dtype: isBoolean ? 'boolean' : 'enumeration',
    bytes,
    levels,
  };
}
