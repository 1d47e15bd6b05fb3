import type { Address } from '../../kernels/memory.ts';
import type { TreeArrays } from '../../kernels/tree.ts';

/** Leaves that a thread takes at once. */
export const LEAVES_AT_ONCE = 8;

/** What the threads of a search share. */
export interface TreeJob extends TreeArrays {
  readonly barrier: Address;
}
