/** Makes sure that the kernels are built and current before a test runs them. */
import { before } from 'node:test';
import { buildKernels } from '../../lib/kernels/build.ts';

export function useKernels(): void {
  before(async () => {
    await buildKernels();
  });
}
