/**
 * Chunks of a dataset, as the file lists them in a B-tree of version 1 (which HDF5 writes unless it is told to write its
 * newest format). HDF5 2.0.0 does not compare the unpacked size of a chunk with the size that chunks have: for a chunk
 * that is too short (CVE-2025-44904) it returns whatever lay in memory. So sizes are compared here before rows are read.
 */
import { inflateSync } from 'node:zlib';
import { type Addressing, readBytes, readSized } from './object-header.ts';

export interface Chunk {
  /** First row of the chunk. */
  readonly row: number;
  /** Number of stored bytes. */
  readonly bytes: number;
  /** Filters left out: bit i is set if filter i was. */
  readonly mask: number;
  readonly at: number;
}

const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER = 3;
const CHECKSUM_BYTES = 4;

/**
 * Lists all chunks of a dataset of `rank` dimensions, by row; undefined if the tree is of another form, or if `most`
 * chunks are not enough.
 */
export function listChunks(
  file: number,
  { base, offsetBytes }: Addressing,
  root: number,
  rank: number,
  most: number,
): Chunk[] | undefined {
  const head = 8 + 2 * offsetBytes;
  const key = 8 + 8 * (rank + 1);
  const entry = key + offsetBytes;
  const chunks: Chunk[] = [];
  let at: number | undefined = root;
  for (let nodes = 0; at !== undefined; nodes++) {
    const prefix = readBytes(file, base + at, head);
    if (prefix?.toString('latin1', 0, 4) !== 'TREE' || prefix[4] !== 1 || nodes > most + 64) return undefined;
    const entries = prefix.readUInt16LE(6);
    const isLeaf = prefix[5] === 0;
    const node = readBytes(file, base + at + head, (isLeaf ? entries : 1) * entry);
    if (node === undefined || chunks.length + entries > most + 64) return undefined;
    for (let i = 0; isLeaf && i < entries; i++) {
      const address = readSized(node, i * entry + key, offsetBytes);
      const row = readSized(node, i * entry + 8, 8);
      if (address === undefined || row === undefined) return undefined;
      const bytes = node.readUInt32LE(i * entry);
      chunks.push({ row, bytes, mask: node.readUInt32LE(i * entry + 4), at: base + address });
    }
    // Descends to the first leaf, then goes from leaf to leaf.
    at = isLeaf ? readSized(prefix, 8 + offsetBytes, offsetBytes) : readSized(node, key, offsetBytes);
    if (!isLeaf && at === undefined) return undefined;
  }
  return chunks;
}

/** Check of the chunks of one dataset, each once, when rows in them are requested; reads plain ones itself. */
export class ChunkCheck {
  readonly #file: number;
  readonly #chunks: readonly Chunk[];
  readonly #expected: number;
  readonly #rows: number;
  readonly #bytes: number;
  readonly #filters: readonly number[];
  readonly #checked: Uint8Array;

  /** Check of chunks of `rows` rows and `bytes` bytes, each put through `filters` in order. */
  constructor(
    file: number,
    chunks: readonly Chunk[],
    { expected, rows, bytes }: { expected: number; rows: number; bytes: number },
    filters: readonly number[],
  ) {
    this.#file = file;
    this.#chunks = chunks;
    this.#expected = expected;
    this.#rows = rows;
    this.#bytes = bytes;
    this.#filters = filters;
    this.#checked = new Uint8Array(chunks.length);
  }

  /** Says how many chunks are there, if some were never written. */
  gaps(): string | undefined {
    const found = this.#chunks.length;
    if (found >= this.#expected) return undefined;
    return `was not written whole: ${found} of ${this.#expected} chunks are there`;
  }

  /** Describes the damage of a chunk that holds some of the rows [from, to); undefined if there is none. */
  find(from: number, to: number): string | undefined {
    for (let i = this.#first(from); i < this.#chunks.length && this.#chunks[i].row < to; i++) {
      if (this.#checked[i] === 1) continue;
      const chunk = this.#chunks[i];
      const bytes = this.#unpackedBytes(chunk);
      if (bytes !== undefined && bytes !== this.#bytes) return this.#wrongSize(chunk, bytes);
      this.#checked[i] = 1;
    }
    return undefined;
  }

  /**
   * Reads elements [from, to) of a dataset of one dimension in gzip, with or without shuffling: chunks that are unpacked
   * for the check need not be unpacked by the library again. Returns a text that describes damage; undefined leaves
   * reading to the library.
   */
  read(from: number, to: number): Uint8Array | string | undefined {
    const [first, ...others] = [...this.#filters].reverse();
    const isShuffled = others[0] === SHUFFLE;
    if (first !== DEFLATE || others.length !== (isShuffled ? 1 : 0)) return undefined;
    const size = this.#bytes / this.#rows;
    const out = new Uint8Array((to - from) * size);
    let next = from;
    for (let i = this.#first(from); i < this.#chunks.length && this.#chunks[i].row < to; i++) {
      const chunk = this.#chunks[i];
      const stored = chunk.mask === 0 ? readBytes(this.#file, chunk.at, chunk.bytes) : undefined;
      const bytes = stored && inflate(stored, this.#bytes);
      // Each chunk must continue where the last one ended; else the library may know what is wrong.
      if (bytes === undefined || chunk.row > next || chunk.row + this.#rows <= next) return undefined;
      if (bytes.length !== this.#bytes) return this.#wrongSize(chunk, bytes.length);
      const end = Math.min(to, chunk.row + this.#rows);
      const place = out.subarray((next - from) * size, (end - from) * size);
      if (isShuffled) unshuffle(bytes, next - chunk.row, end - chunk.row, size, place);
      else place.set(bytes.subarray((next - chunk.row) * size, (end - chunk.row) * size));
      next = end;
    }
    return next === to ? out : undefined;
  }

  #wrongSize(chunk: Chunk, bytes: number): string {
    const found = bytes > this.#bytes ? 'more' : `${bytes} bytes`;
    return `its chunk at row ${chunk.row} unpacks to ${found} instead of ${this.#bytes}`;
  }

  /** Index of the first chunk that reaches beyond `row`. */
  #first(row: number): number {
    let [low, high] = [0, this.#chunks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#chunks[middle].row + this.#rows <= row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Unpacked size of a chunk in bytes; undefined if it cannot be unpacked at all, which the library reports. */
  #unpackedBytes(chunk: Chunk): number | undefined {
    const used = this.#filters.filter((_, i) => (chunk.mask & (1 << i)) === 0);
    const packed = used.indexOf(DEFLATE);
    const after = CHECKSUM_BYTES * used.slice(packed + 1).filter((id) => id === FLETCHER).length;
    const before = CHECKSUM_BYTES * used.slice(0, Math.max(0, packed)).filter((id) => id === FLETCHER).length;
    if (packed < 0) return chunk.bytes - after;
    const stored = readBytes(this.#file, chunk.at, chunk.bytes - after);
    const bytes = stored && inflate(stored, this.#bytes + before);
    return bytes === undefined ? undefined : bytes.length - before;
  }
}

/** Unpacks a gzip stream, or returns one byte more than `most` if it is longer; undefined if it is damaged. */
function inflate(stored: Buffer, most: number): Uint8Array | undefined {
  try {
    return inflateSync(stored, { maxOutputLength: most + 1, chunkSize: Math.max(64, most + 1) });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? new Uint8Array(most + 1)
      : undefined;
  }
}

/** Reverses the shuffle filter, which sorts bytes by their place in an element: elements [from, to) of a chunk. */
function unshuffle(bytes: Uint8Array, from: number, to: number, size: number, out: Uint8Array): void {
  const n = bytes.length / size;
  for (let b = 0; b < size; b++) {
    for (let i = from, at = b, source = b * n + from; i < to; i++, at += size) out[at] = bytes[source++];
  }
}
