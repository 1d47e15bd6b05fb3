import type { Address } from '../../kernels/memory.ts';
import type { TreeArrays } from '../../kernels/tree.ts';

/** Number of leaves that a thread takes at once. */
export const LEAVES_AT_ONCE = 8;

/** Data shared by the threads of a search. */
export interface TreeJob extends TreeArrays {
  readonly barrier: Address;
}
