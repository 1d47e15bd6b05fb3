/** Description of a dataset: its type, shape and storage, as far as h5wasm tells. */
import { type ElementType, elementType } from './element-type.ts';
import type { Filter } from './filters.ts';
import type { H5Metadata } from './h5wasm.ts';

/** Array of numbers in their stored type; 64-bit integers become doubles, exact up to 2⁵³. */
export type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

export interface DatasetInfo extends ElementType {
  readonly path: string;
  readonly shape: readonly number[];
  /** True if the dataset was made to hold nothing, not even an empty array: anndata writes None so. */
  readonly isNull: boolean;
  /** Shape of a chunk, or null if the data lie in one piece. */
  readonly chunks: readonly number[] | null;
  readonly filters: readonly Filter[];
  readonly littleEndian: boolean;
  readonly isSigned: boolean;
  /** Names of the fields of a compound dataset. */
  readonly fields: readonly string[];
}

export function describe(path: string, metadata: H5Metadata, filters: readonly Filter[]): DatasetInfo {
  return {
    ...elementType(metadata),
    path,
    shape: metadata.shape ?? [0],
    isNull: metadata.shape === null,
    chunks: metadata.chunks,
    filters: filters.map(({ id, name }) => ({ id, name })),
    littleEndian: metadata.littleEndian,
    isSigned: metadata.signed,
    fields: metadata.compound_type?.members.map((member) => member.name) ?? [],
  };
}

/** Array type for a dataset's numbers in their stored form. */
export function arrayOf({ class: kind, bytes, isSigned }: DatasetInfo) {
  if (kind === 'float') return bytes === 4 ? Float32Array : Float64Array;
  const arrays = isSigned
    ? { 1: Int8Array, 2: Int16Array, 4: Int32Array, 8: BigInt64Array }
    : { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array };
  return arrays[bytes as 1 | 2 | 4 | 8];
}
