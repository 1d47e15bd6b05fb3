/** Kernel that computes fuzzy graphs (lib/kernels/assembly/fuzzy-graph.ts), with its own memory. */
import { type Address, instantiateKernel, KernelMemory } from '../../../kernels/memory.ts';

type Exports = WebAssembly.Exports &
  Record<
    'smooth' | 'mean' | 'addDirected' | 'countsToStarts' | 'transpose' | 'unite' | 'prune',
    (...numbers: number[]) => number
  >;

export interface FuzzyKernel {
  readonly run: Exports;
  readonly room: KernelMemory;
}

/** Addresses of a sparse matrix, by rows: 32-bit words, and 32-bit floats for weights. */
export interface RowsAt {
  readonly starts: Address;
  readonly columns: Address;
  readonly weights: Address;
}

export async function openFuzzyKernel(): Promise<FuzzyKernel> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const exports = await instantiateKernel(
    new URL('../../../kernels/fuzzy-graph.wasm', import.meta.url),
    memory,
  );
  return { run: exports as Exports, room: new KernelMemory(memory) };
}

/** Allocates a sparse matrix of `rows` rows with `entries` entries in total. */
export function allocateRows(room: KernelMemory, rows: number, entries: number): RowsAt {
  return {
    starts: room.allocate((rows + 1) * 4),
    columns: room.allocate(entries * 4),
    weights: room.allocate(entries * 4),
  };
}
