/** Reader for one field of a compound dataset, the form in which anndata before 0.7 stored obs and var. */
import { type ElementType, elementType } from './element-type.ts';
import type { H5Metadata, H5Module } from './h5wasm.ts';
import { NotUtf8At, withMemory } from './h5wasm-text.ts';
import { fixedText, NotUtf8, textAt } from './text.ts';

type Member = NonNullable<H5Metadata['compound_type']>['members'][number];

export interface CompoundValues {
  readonly type: ElementType;
  /** Texts, or numbers (for booleans and enumerations, the stored numbers). */
  readonly values: string[] | Float64Array;
  /** Texts of all integers, if some are beyond 2⁵³. */
  readonly texts?: string[];
}

const BLOCK_ROWS = 1 << 16;

/**
 * Reads a field as text or as doubles. h5wasm would make an array of every row and a copy of every value; here the rows
 * are read in blocks and only the field is taken from each.
 */
export function readCompoundField(
  module: H5Module,
  file: bigint,
  path: string,
  metadata: H5Metadata,
  member: Member,
): CompoundValues {
  const type = elementType(member);
  const rows = metadata.shape?.[0] ?? 0;
  const isText = type.class === 'string';
  const numbers = new Float64Array(isText ? 0 : rows);
  const texts: string[] = [];
  const exact: string[] = [];
  const isLong = !isText && type.class !== 'float' && member.size === 8;
  let isBeyond = false;
  const little = readsLittle(metadata, member);
  const hasPointers = metadata.compound_type?.members.some(({ vlen }) => vlen) ?? false;
  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows - start);
    withMemory(module, count * metadata.size, (pointer) => {
      module.get_dataset_data(file, path, [BigInt(count)], [BigInt(start)], [1n], BigInt(pointer));
      try {
        // The view is taken after the read, which may grow the heap and so replace it.
        const { buffer } = module.HEAPU8;
        const memory = Buffer.from(buffer);
        const view = new DataView(buffer);
        for (let i = 0; i < count; i++) {
          const at = pointer + i * metadata.size + member.offset;
          if (isText) texts.push(readText(memory, at, member, start + i));
          else if (isLong) {
            const value = member.signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little);
            numbers[start + i] = Number(value);
            if (!Number.isSafeInteger(numbers[start + i])) isBeyond = true;
            exact.push(String(value));
          } else numbers[start + i] = readNumber(view, at, member, type, little);
        }
      } finally {
        if (hasPointers) module.reclaim_vlen_memory_count(file, path, '', BigInt(pointer), [BigInt(count)]);
      }
    });
  }
  if (isText) return { type, values: texts };
  return isBeyond ? { type, values: numbers, texts: exact } : { type, values: numbers };
}

/**
 * Whether a field is little-endian in memory. h5wasm turns a compound whose fields are all big-endian into little-endian,
 * and leaves a mixed one as it is. Text of fixed length has no byte order; text of any length counts as little-endian and
 * makes a compound mixed.
 */
function readsLittle(metadata: H5Metadata, member: Member): boolean {
  return member.littleEndian || !metadata.compound_type?.members.some(({ littleEndian }) => littleEndian);
}

function readText(memory: Buffer, at: number, member: Member, row: number): string {
  try {
    return member.vlen
      ? textAt(memory, memory.readUInt32LE(at))
      : fixedText(memory, at, at + member.size, member.strpad);
  } catch (error) {
    throw error instanceof NotUtf8 ? new NotUtf8At(row, error) : error;
  }
}

function readNumber(view: DataView, at: number, member: Member, type: ElementType, little: boolean): number {
  if (type.class === 'float')
    return member.size === 8 ? view.getFloat64(at, little) : view.getFloat32(at, little);
  switch (member.size) {
    case 1:
      return member.signed ? view.getInt8(at) : view.getUint8(at);
    case 2:
      return member.signed ? view.getInt16(at, little) : view.getUint16(at, little);
    default:
      return member.signed ? view.getInt32(at, little) : view.getUint32(at, little);
  }
}
