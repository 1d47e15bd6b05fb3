/** Text of datasets and attributes, read as bytes: h5wasm's own reader neither checks UTF-8 nor strips blanks. */
import type { H5Metadata, H5Module } from './h5wasm.ts';
import { fixedText, NotUtf8, textAt } from './text.ts';

/** Number of bytes read from the file at once, by the elements' own size. */
const BLOCK_BYTES = 1 << 24;

/** Error for text that is not UTF-8, with the number of the element, from 0. */
export class NotUtf8At extends Error {
  readonly row: number;
  readonly shown: string;

  constructor(row: number, { shown }: NotUtf8) {
    super('not UTF-8');
    this.row = row;
    this.shown = shown;
  }
}

/** Reads elements [from, to) of a dataset of text with one dimension, or the one of a scalar. */
export function readTexts(
  module: H5Module,
  file: bigint,
  path: string,
  metadata: H5Metadata,
  from: number,
  to: number,
): string[] {
  const texts: string[] = [];
  const isScalar = metadata.shape?.length === 0;
  const step = Math.max(1, Math.floor(BLOCK_BYTES / metadata.size));
  for (let start = from; start < to; start += step) {
    const count = Math.min(step, to - start);
    withMemory(module, count * metadata.size, (pointer) => {
      const size = isScalar ? null : [BigInt(count)];
      const offset = isScalar ? null : [BigInt(start)];
      module.get_dataset_data(file, path, size, offset, isScalar ? null : [1n], BigInt(pointer));
      try {
        decodeBlock(module.HEAPU8, pointer, count, metadata, start, texts);
      } finally {
        if (metadata.vlen && isScalar) module.reclaim_vlen_memory(file, path, '', BigInt(pointer));
        else if (metadata.vlen) {
          module.reclaim_vlen_memory_count(file, path, '', BigInt(pointer), [BigInt(count)]);
        }
      }
    });
  }
  return texts;
}

/** Reads the texts of an attribute. */
export function readAttributeTexts(
  module: H5Module,
  file: bigint,
  path: string,
  name: string,
  metadata: H5Metadata,
): string[] {
  const texts: string[] = [];
  const count = metadata.total_size;
  if (count === 0) return texts;
  withMemory(module, count * metadata.size, (pointer) => {
    module.get_attribute_data(file, path, name, BigInt(pointer));
    try {
      decodeBlock(module.HEAPU8, pointer, count, metadata, 0, texts);
    } finally {
      if (metadata.vlen) module.reclaim_vlen_memory(file, path, name, BigInt(pointer));
    }
  });
  return texts;
}

/** Runs `use` with zeroed memory of the library, so that a read that leaves bytes out never yields what lay there before. */
export function withMemory(module: H5Module, bytes: number, use: (pointer: number) => void): void {
  const pointer = module._malloc(bytes);
  if (pointer === 0) throw new Error(`Memory allocation of ${bytes} bytes failed`);
  try {
    module.HEAPU8.fill(0, pointer, pointer + bytes);
    use(pointer);
  } finally {
    module._free(pointer);
  }
}

function decodeBlock(
  heap: Uint8Array,
  pointer: number,
  count: number,
  { vlen, size, strpad }: H5Metadata,
  start: number,
  texts: string[],
): void {
  // The view is taken after the read, which may grow the memory and so replace it.
  const memory = Buffer.from(heap.buffer);
  for (let i = 0; i < count; i++) {
    const at = pointer + i * size;
    try {
      texts.push(vlen ? textAt(memory, memory.readUInt32LE(at)) : fixedText(memory, at, at + size, strpad));
    } catch (error) {
      throw error instanceof NotUtf8 ? new NotUtf8At(start + i, error) : error;
    }
  }
}
