/** The kernel that makes fuzzy graphs (lib/kernels/assembly/fuzzy-graph.ts), with a memory of its own. */
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

/** A sparse matrix in the memory, in rows: 32-bit words, and 32-bit floats for weights. */
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

/** Room for so many rows, and entries in all. */
export function allocateRows(room: KernelMemory, rows: number, entries: number): RowsAt {
  return {
    starts: room.allocate((rows + 1) * 4),
    columns: room.allocate(entries * 4),
    weights: room.allocate(entries * 4),
  };
}
