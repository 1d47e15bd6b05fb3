/** Spaces whose tiles a kernel computes: their rows lie in shared memory, once for all threads. */
import { attachKernel, type KernelRows } from '../../kernels/pairs.ts';
import type { SharedSpace, Space } from './space.ts';

/** Opens rows of a kernel as a space. @param w weights of the rows: NaN where the metric is not defined */
export function kernelSpace(
  kernelRows: KernelRows,
  w: Float64Array,
  { metric, size }: Pick<Space, 'metric' | 'size'>,
): Promise<Space> {
  const defined = new Uint8Array(w.length);
  for (let i = 0; i < w.length; i++) defined[i] = Number.isFinite(w[i]) ? 1 : 0;
  return attachSpace({ kernelRows, rows: w.length, defined, metric, size });
}

/** Opens a shared space for this thread. */
async function attachSpace(shared: SharedSpace): Promise<Space> {
  const { rows, metric, defined, size, kernelRows } = shared;
  const kernel = await attachKernel(kernelRows);
  return { rows, metric, defined, size, shared, tile: (tile) => kernel.tile(tile) };
}

/** Methods of a stage's context for values that are expensive to compute. */
export interface Sharing {
  keep<T>(name: string, make: () => Promise<T>): Promise<T>;
  shared<T>(name: string, make: () => Promise<T>): Promise<T>;
}

/** Returns a space for this thread, of rows that one thread prepares for all; each thread opens spaces without a kernel. */
export function sharedSpace(
  { keep, shared }: Sharing,
  name: string,
  open: () => Promise<Space>,
): Promise<Space> {
  return keep(name, async () => {
    let own: Space | undefined;
    const theirs = await shared(name, async () => {
      own = await open();
      return own.shared ?? null;
    });
    if (own !== undefined) return own;
    return theirs === null ? open() : attachSpace(theirs);
  });
}
