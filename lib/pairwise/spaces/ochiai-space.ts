/** Spaces of Ochiai's coefficient, the overlap of the detected genes of two cells. */
import type { Csr } from '../../cells/csr.ts';
import { INTEGER_LIMITS, integerRows, layIntegers, laySparse } from '../../kernels/pairs.ts';
import { detectedRows } from './detected-rows.ts';
import { kernelSpace } from './kernel-space.ts';
import type { Space } from './space.ts';

/**
 * Opens the space of Ochiai's coefficient (Ochiai 1957), |A ∩ B| / √(|A|·|B|) of the detected genes A and B. It is the
 * cosine of rows of zeros and ones, and as fast. It is not defined for a cell without genes.
 */
export async function ochiaiSpace(matrix: Csr, genes: number, order: Int32Array): Promise<Space> {
  const rows = detectedRows(matrix, 'ochiai', order);
  rows.values.fill(1);
  const s = new Float64Array(rows.rows);
  const w = Float64Array.from(s, (_, i) => {
    const detected = rows.indptr[i + 1] - rows.indptr[i];
    return detected === 0 ? Number.NaN : 1 / Math.sqrt(detected);
  });
  const scalars = { finish: 'correlation', c: 0, s, w } as const;
  const laid =
    rows.columns <= INTEGER_LIMITS.columns
      ? layIntegers(integerRows(rows), scalars)
      : laySparse(rows, scalars);
  return kernelSpace(laid, w, { metric: 'ochiai', size: { genes } });
}
