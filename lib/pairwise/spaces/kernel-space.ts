/** Spaces whose tiles are made by a kernel: their rows lie in a shared memory, once for all threads. */
import { attachKernel, type KernelRows } from '../../kernels/pairs.ts';
import type { SharedSpace, Space } from './space.ts';

/** @param w the weights of the rows: NaN where the metric is not defined */
export function kernelSpace(
  kernelRows: KernelRows,
  w: Float64Array,
  { metric, size }: Pick<Space, 'metric' | 'size'>,
): Promise<Space> {
  const defined = new Uint8Array(w.length);
  for (let i = 0; i < w.length; i++) defined[i] = Number.isFinite(w[i]) ? 1 : 0;
  return attachSpace({ kernelRows, rows: w.length, defined, metric, size });
}

/** The same space for this thread. */
async function attachSpace(shared: SharedSpace): Promise<Space> {
  const { rows, metric, defined, size, kernelRows } = shared;
  const kernel = await attachKernel(kernelRows);
  return { rows, metric, defined, size, shared, tile: (tile) => kernel.tile(tile) };
}

/** What a stage's context has for values that are costly to make. */
export interface Sharing {
  keep<T>(name: string, make: () => Promise<T>): Promise<T>;
  shared<T>(name: string, make: () => Promise<T>): Promise<T>;
}

/** A space for this thread, of rows that one thread of all prepares; spaces without a kernel are opened by each. */
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
