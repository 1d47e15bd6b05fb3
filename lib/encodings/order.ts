/** Genes in descending order of a value, and what to do about ties. */
import { z } from 'zod';
import type { RandomStream } from '../flow/random.ts';

/**
 * What decides between equal values. Published tokenizers leave it to an unstable sort (Geneformer), to
 * chance (cell2sentence) or to the reverse of a sort (GenePT); counts being small whole numbers, that
 * decides most of an order. `stable`: column order. `reverse`: reversed column order. `random`: chance, from
 * the seed and the cell's id.
 */
export type TiePolicy = 'stable' | 'reverse' | 'random';
export const tieOption = z.enum(['stable', 'reverse', 'random']).default('stable');

/**
 * Rearranges equal values within a descending `order` of `n` positions, given in ascending position.
 * `stream` gives the chance for `random`; it draws in descending order of value.
 */
export function breakTies(
  order: Uint32Array,
  values: Float64Array,
  n: number,
  policy: TiePolicy,
  stream?: RandomStream,
): void {
  if (policy === 'stable') return;
  let start = 0;
  while (start < n) {
    let end = start + 1;
    while (end < n && values[order[end]] === values[order[start]]) end++;
    if (end - start > 1) {
      const block = order.subarray(start, end);
      if (policy === 'reverse') block.reverse();
      else stream!.shuffle(block);
    }
    start = end;
  }
}
