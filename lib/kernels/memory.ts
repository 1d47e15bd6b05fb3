/** Loading of compiled kernels, and allocation of their memory. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dataError, usageError } from '../errors.ts';
import { noteShared } from '../shared-memory.ts';

const PAGE = 65536;
const modules = /* @__PURE__ */ new Map<string, Promise<WebAssembly.Module>>();

/**
 * Instantiates the kernel at `url`, on `memory` if it imports one; it is compiled once per thread. Throws a usage error if
 * the kernel is not built.
 */
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

/** Address in a kernel's memory, in bytes. */
export type Address = number;

/** First address that is allocated, after the few constants that a module may contain. */
const FIRST = 1024;
/** Word of a shared memory that counts the allocated lines. No kernel's constants lie there. */
const TOP_WORD = 128;
/** Alignment of allocations, a cache line. */
const LINE = 64;
/** Largest number of pages of a memory: 4 GiB. */
const MOST_PAGES = 65536;

function checkSize(bytes: number): void {
  if (bytes <= MOST_PAGES * PAGE) return;
  throw dataError(`the rows and what is made of them take ${(bytes / 1e9).toFixed(1)} GB`, {
    expected: 'at most 4.3 GB, which is what the kernels can address',
    hint: 'sample fewer cells (`subset.cellsPerType`), or take fewer genes (`hvg`) or dimensions',
  });
}

/** Returns a new memory that kernels of several threads can share; it is passed by structured clone. */
export function sharedMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
}

/**
 * Bump allocator of a kernel's memory, zeroed; allocations are released only with the whole memory. Every thread has its
 * own `KernelMemory` of a shared memory, and allocations never overlap.
 */
export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  readonly #shared: boolean;
  /** Number of allocated lines. */
  #top = FIRST / LINE;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#shared = memory.buffer instanceof SharedArrayBuffer;
  }

  /** Allocates zeroed memory, 64-byte aligned. Throws a data error beyond 4 GiB. */
  allocate(bytes: number): Address {
    const lines = Math.ceil(bytes / LINE);
    let first = this.#top;
    if (this.#shared) {
      const words = new Int32Array(this.memory.buffer);
      // Checked before the addition, since the count of lines has 32 bits and must not overflow.
      checkSize((first + Atomics.load(words, TOP_WORD) + lines) * LINE);
      first += Atomics.add(words, TOP_WORD, lines);
    } else {
      checkSize((first + lines) * LINE);
      this.#top += lines;
    }
    this.#reach((first + lines) * LINE);
    return first * LINE;
  }

  /** Grows the memory to at least `bytes`. Earlier views of an unshared memory then become invalid. */
  #reach(bytes: number): void {
    // Another thread may have grown the memory; growing by 0 pages makes the new length visible to this thread.
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
