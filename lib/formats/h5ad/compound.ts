/** One field of a compound dataset, the way anndata before 0.7 stored obs and var. */
import type { H5Metadata, H5Module } from './hdf5.ts';

type Member = NonNullable<H5Metadata['compound_type']>['members'][number];

const BLOCK_ROWS = 1 << 16;
const STRING = 3;
const FLOAT = 1;

/**
 * Reads a field as text or as doubles (booleans and codes as 0, 1, …). h5wasm's own way makes an array of every
 * row and a copy of every value; here the rows are read in blocks and only the field is taken from each.
 */
export function readCompoundField(
  module: H5Module,
  file: bigint,
  path: string,
  metadata: H5Metadata,
  member: Member,
): string[] | Float64Array {
  const rows = metadata.shape?.[0] ?? 0;
  const numbers = member.type === STRING ? undefined : new Float64Array(rows);
  const texts: string[] = [];
  const decoder = new TextDecoder();
  const rowBytes = metadata.size;
  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows - start);
    const pointer = module._malloc(count * rowBytes);
    if (pointer === 0) throw new Error(`out of memory for ${count * rowBytes} bytes`);
    try {
      module.get_dataset_data(file, path, [BigInt(count)], [BigInt(start)], [1n], BigInt(pointer));
      // Taken after the read, which may have grown the heap and so replaced the view.
      const heap = module.HEAPU8;
      const view = new DataView(heap.buffer);
      for (let i = 0; i < count; i++) {
        const at = pointer + i * rowBytes + member.offset;
        if (numbers !== undefined) numbers[start + i] = readNumber(view, at, member);
        else if (member.vlen) texts.push(module.UTF8ToString(view.getUint32(at, true)));
        else {
          const bytes = heap.subarray(at, at + member.size);
          const end = bytes.indexOf(0);
          texts.push(decoder.decode(end < 0 ? bytes : bytes.subarray(0, end)));
        }
      }
    } finally {
      module._free(pointer);
    }
  }
  return numbers ?? texts;
}

function readNumber(view: DataView, at: number, member: Member): number {
  const little = member.littleEndian;
  if (member.type === FLOAT) {
    if (member.size === 8) return view.getFloat64(at, little);
    if (member.size === 4) return view.getFloat32(at, little);
    throw new Error(`the field ${member.name} has ${member.size * 8}-bit floats`);
  }
  switch (member.size) {
    case 1:
      return member.signed ? view.getInt8(at) : view.getUint8(at);
    case 2:
      return member.signed ? view.getInt16(at, little) : view.getUint16(at, little);
    case 4:
      return member.signed ? view.getInt32(at, little) : view.getUint32(at, little);
    case 8:
      return Number(member.signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little));
    default:
      throw new Error(`the field ${member.name} has values of ${member.size} bytes`);
  }
}
