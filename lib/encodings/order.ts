/** Descending order of genes by a value, and policies for ties. */
import { z } from 'zod';
import type { RandomStream } from '../flow/random.ts';

/**
 * Policy for equal values. Published tokenizers leave them to an unstable sort (Geneformer), to chance (cell2sentence) or
 * to the reverse of a sort (GenePT); counts being small whole numbers, ties decide most of an order. `stable`: column
 * order. `reverse`: reversed column order. `random`: chance, from the seed and the cell's id.
 */
export type TiePolicy = 'stable' | 'reverse' | 'random';
export const tieOption = z.enum(['stable', 'reverse', 'random']).default('stable');

/**
 * Rearranges equal values within a descending `order` of `n` positions, given in ascending position. `stream` gives the
 * chance for `random`; values are drawn for in descending order.
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
