/** Data shared by the threads of a search. Passed by structured clone; all arrays lie in shared memory. */
import { BARRIER_WORDS } from '../../kernels/barrier.ts';
import { type Address, KernelMemory } from '../../kernels/memory.ts';
import type { NearestRows } from '../../kernels/nearest.ts';
import { NO_LIMIT, PANEL_ROWS, type PrefilterArrays } from '../../kernels/prefilter.ts';
import type { RoundedRows } from './rounded-rows.ts';

export interface PrefilterJob extends Omit<PrefilterArrays, 'columns'>, RoundedRows {
  readonly barrier: Address;
  /** Nearest other rows of each row of the matrix, rows × k. */
  readonly found: NearestRows;
}

/** Capacity of a list for k neighbours; lists are cut back when they are full. */
export const listCapacity = (k: number): number => 4 * Math.ceil((3 * k + 48) / 4);

export function prefilterJob(rounded: RoundedRows, k: number): PrefilterJob {
  const { rows } = rounded;
  const room = new KernelMemory(rounded.memory);
  const capacity = listCapacity(k);
  const limits = room.allocate((rows + PANEL_ROWS) * 4);
  room.int32(limits, rows + PANEL_ROWS).fill(NO_LIMIT);
  return {
    ...rounded,
    limits,
    counts: room.allocate(rows * 4),
    locks: room.allocate(rows * 4),
    lists: room.allocate(rows * capacity * 8),
    capacity,
    k,
    barrier: room.allocate(BARRIER_WORDS * 4),
    found: {
      indices: new Int32Array(new SharedArrayBuffer(rows * k * 4)),
      distances: new Float32Array(new SharedArrayBuffer(rows * k * 4)),
    },
  };
}
