/** Loads a compiled kernel and hands out its memory. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dataError, usageError } from '../errors.ts';
import { noteShared } from '../shared-memory.ts';

const PAGE = 65536;
const modules = /* @__PURE__ */ new Map<string, Promise<WebAssembly.Module>>();

/** A fresh instance of the kernel at `url`, on `memory` if it imports one; it is compiled once a thread. */
export async function instantiateKernel(url: URL, memory?: WebAssembly.Memory): Promise<WebAssembly.Exports> {
  let module = modules.get(url.href);
  if (module === undefined) {
    module = compile(url);
    modules.set(url.href, module);
  }
  const { exports } = await WebAssembly.instantiate(await module, {
    env: {
      memory,
      abort() {
        throw new Error(`Internal error: kernel ${url.pathname} aborted`);
      },
    },
  });
  return exports;
}

async function compile(url: URL): Promise<WebAssembly.Module> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readFile(url);
  } catch (cause) {
    throw usageError('the kernels are not built', {
      where: fileURLToPath(url),
      hint: 'run `make build` or `npm run build:kernels`',
      cause,
    });
  }
  return WebAssembly.compile(bytes);
}

/** An address in a kernel's memory, in bytes. */
export type Address = number;

/** Where pieces are handed out from: behind what a module of no more than a few constants may hold itself. */
const FIRST = 1024;
/** The word of a shared memory that counts what was handed out, in lines. No kernel's constants lie there. */
const TOP_WORD = 128;
/** Pieces start on the width of a cache line. */
const LINE = 64;
/** Pages that a memory can have: 4 GiB. */
const MOST_PAGES = 65536;

function checkSize(bytes: number): void {
  if (bytes <= MOST_PAGES * PAGE) return;
  throw dataError(`the rows and what is made of them take ${(bytes / 1e9).toFixed(1)} GB`, {
    expected: 'at most 4.3 GB, which is what the kernels can address',
    hint: 'sample fewer cells (`subset.cellsPerType`), or take fewer genes (`hvg`) or dimensions',
  });
}

/** A memory that kernels of several threads can work on: it crosses threads by structured clone. */
export function sharedMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
}

/**
 * Hands out a kernel's memory, front to back, zeroed; nothing is given back before the memory is. Of a shared
 * memory every thread has a `KernelMemory` of its own, and no two get the same piece.
 */
export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  readonly #shared: boolean;
  /** Lines handed out. */
  #top = FIRST / LINE;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#shared = memory.buffer instanceof SharedArrayBuffer;
  }

  /** Zeroed memory, 64-byte aligned. */
  allocate(bytes: number): Address {
    const lines = Math.ceil(bytes / LINE);
    let first = this.#top;
    if (this.#shared) {
      const words = new Int32Array(this.memory.buffer);
      // More than there can be is not noted: the count of lines has 32 bits.
      checkSize((first + Atomics.load(words, TOP_WORD) + lines) * LINE);
      first += Atomics.add(words, TOP_WORD, lines);
    } else {
      checkSize((first + lines) * LINE);
      this.#top += lines;
    }
    this.#reach((first + lines) * LINE);
    return first * LINE;
  }

  /** Makes the memory at least `bytes` long. Views of an unshared memory that were made before are void then. */
  #reach(bytes: number): void {
    // Another thread may have grown it: a growth by nothing makes this thread see that.
    if (this.#shared && bytes > this.memory.buffer.byteLength) this.memory.grow(0);
    const missing = Math.ceil((bytes - this.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    checkSize(bytes);
    this.memory.grow(missing);
    if (this.#shared) noteShared(missing * PAGE);
  }

  float32(at: Address, length: number): Float32Array {
    this.#reach(at + length * 4);
    return new Float32Array(this.memory.buffer, at, length);
  }

  float64(at: Address, length: number): Float64Array {
    this.#reach(at + length * 8);
    return new Float64Array(this.memory.buffer, at, length);
  }

  uint32(at: Address, length: number): Uint32Array {
    this.#reach(at + length * 4);
    return new Uint32Array(this.memory.buffer, at, length);
  }

  int32(at: Address, length: number): Int32Array {
    this.#reach(at + length * 4);
    return new Int32Array(this.memory.buffer, at, length);
  }

  uint16(at: Address, length: number): Uint16Array {
    this.#reach(at + length * 2);
    return new Uint16Array(this.memory.buffer, at, length);
  }

  uint8(at: Address, length: number): Uint8Array {
    this.#reach(at + length);
    return new Uint8Array(this.memory.buffer, at, length);
  }
}
