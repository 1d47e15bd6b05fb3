/** Parallel reading of two matrices of the same cells, whose blocks may be split at different rows. */
import type { CsrBlock } from '../../cells/csr.ts';
import type { RowSource } from '../../pairwise/spaces/row-source.ts';

export type Block = CsrBlock & { readonly start: number };

/** Rows [from, to) of both matrices, numbered from the first row of the matrix, which lie in one block of each. */
export interface AlignedRows<A extends Block> {
  readonly a: A;
  readonly b: Block;
  readonly from: number;
  readonly to: number;
}

/** Yields aligned ranges of rows; one block of each matrix is in memory. Throws if the matrices differ in rows. */
export async function* alignedBlocks<A extends Block>(
  a: Pick<RowSource, 'rows'> & { blocks(): AsyncIterable<A> },
  b: RowSource,
): AsyncGenerator<AlignedRows<A>> {
  if (a.rows !== b.rows) throw new Error(`Internal error: ${a.rows} rows beside ${b.rows}`);
  const others = b.blocks()[Symbol.asyncIterator]();
  let other = await others.next();
  let from = 0;
  try {
    for await (const own of a.blocks()) {
      const end = own.start + own.rows;
      while (from < end) {
        while (!other.done && other.value.start + other.value.rows <= from) other = await others.next();
        if (other.done) throw new Error(`Internal error: the second matrix ends at row ${from}`);
        const to = Math.min(end, other.value.start + other.value.rows);
        yield { a: own, b: other.value, from, to };
        from = to;
      }
    }
  } finally {
    await others.return?.();
  }
}
