/**
 * Chunks of a dataset, as the file lists them in a B-tree of version 1 (what HDF5 writes unless it is told to write its
 * newest format). HDF5 2.0.0 does not compare what a chunk unpacks to with the size of a chunk: of one that is too short
 * (CVE-2025-44904) it hands out whatever lay in memory. So sizes are compared here before a stretch is read.
 */
import { inflateSync } from 'node:zlib';
import { type Addressing, readBytes, readSized } from './object-header.ts';

export interface Chunk {
  /** Its first row. */
  readonly row: number;
  /** Stored bytes. */
  readonly bytes: number;
  /** Bit i is set if filter i was left out. */
  readonly mask: number;
  readonly at: number;
}

const DEFLATE = 1;
const FLETCHER = 3;
const CHECKSUM_BYTES = 4;

/** All chunks of a dataset of `rank` dimensions, by row; undefined if the tree is of another form or `most` are not enough. */
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
    // Down to the first leaf, then from leaf to leaf.
    at = isLeaf ? readSized(prefix, 8 + offsetBytes, offsetBytes) : readSized(node, key, offsetBytes);
    if (!isLeaf && at === undefined) return undefined;
  }
  return chunks;
}

/** Checks the chunks of one dataset, each once, when rows that they hold are asked for. */
export class ChunkCheck {
  readonly #file: number;
  readonly #chunks: readonly Chunk[];
  readonly #rows: number;
  readonly #bytes: number;
  readonly #filters: readonly number[];
  readonly #checked: Uint8Array;

  /** Chunks of `rows` rows and `bytes` bytes, each put through `filters` in order. */
  constructor(
    file: number,
    chunks: readonly Chunk[],
    rows: number,
    bytes: number,
    filters: readonly number[],
  ) {
    this.#file = file;
    this.#chunks = chunks;
    this.#rows = rows;
    this.#bytes = bytes;
    this.#filters = filters;
    this.#checked = new Uint8Array(chunks.length);
  }

  /** What is wrong with a chunk that holds some of the rows [from, to). */
  find(from: number, to: number): string | undefined {
    for (let i = this.#first(from); i < this.#chunks.length && this.#chunks[i].row < to; i++) {
      if (this.#checked[i] === 1) continue;
      const chunk = this.#chunks[i];
      const bytes = this.#unpackedBytes(chunk);
      if (bytes !== undefined && bytes !== this.#bytes) {
        return `its chunk at row ${chunk.row} unpacks to ${bytes} bytes instead of ${this.#bytes}`;
      }
      this.#checked[i] = 1;
    }
    return undefined;
  }

  /** The first chunk that reaches beyond `row`. */
  #first(row: number): number {
    let [low, high] = [0, this.#chunks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#chunks[middle].row + this.#rows <= row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Undefined if it does not unpack at all, which the library tells. */
  #unpackedBytes(chunk: Chunk): number | undefined {
    const used = this.#filters.filter((_, i) => (chunk.mask & (1 << i)) === 0);
    const packed = used.indexOf(DEFLATE);
    const after = CHECKSUM_BYTES * used.slice(packed + 1).filter((id) => id === FLETCHER).length;
    const before = CHECKSUM_BYTES * used.slice(0, Math.max(0, packed)).filter((id) => id === FLETCHER).length;
    if (packed < 0) return chunk.bytes - after;
    const stored = readBytes(this.#file, chunk.at, chunk.bytes - after);
    if (stored === undefined) return undefined;
    try {
      return inflateSync(stored, { maxOutputLength: this.#bytes + before + 1 }).length - before;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? this.#bytes + 1 : undefined;
    }
  }
}
