/** Loads a compiled kernel and hands out its memory. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { usageError } from '../errors.ts';

const PAGE = 65536;
const modules = /* @__PURE__ */ new Map<string, Promise<WebAssembly.Module>>();

/** A fresh instance of the kernel at `url`; it is compiled once a thread. */
export async function instantiateKernel(url: URL): Promise<WebAssembly.Exports> {
  let module = modules.get(url.href);
  if (module === undefined) {
    module = compile(url);
    modules.set(url.href, module);
  }
  const { exports } = await WebAssembly.instantiate(await module, {
    env: {
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

/** Hands out the memory of one kernel instance, front to back. Nothing is given back before the instance is. */
export class KernelMemory {
  readonly #memory: WebAssembly.Memory;
  #top: number;

  constructor(exports: WebAssembly.Exports) {
    this.#memory = exports.memory as WebAssembly.Memory;
    this.#top = (exports.heapBase as () => number)();
  }

  /** Zeroed memory, 64-byte aligned: the width of a cache line. May move views made before: make them late. */
  allocate(bytes: number): Address {
    const start = Math.ceil(this.#top / 64) * 64;
    this.enlargeLast(start, bytes);
    return start;
  }

  /** Gives the piece that was allocated last, at `start`, this size. Its content stays. */
  enlargeLast(start: Address, bytes: number): void {
    const end = start + bytes;
    const grow = Math.ceil((end - this.#memory.buffer.byteLength) / PAGE);
    if (grow > 0) this.#memory.grow(grow);
    this.#top = end;
  }

  float32(at: Address, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  float64(at: Address, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, length);
  }

  uint32(at: Address, length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, at, length);
  }

  uint16(at: Address, length: number): Uint16Array {
    return new Uint16Array(this.#memory.buffer, at, length);
  }
}
