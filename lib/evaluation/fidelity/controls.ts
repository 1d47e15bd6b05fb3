/** Rows of ceilings and floors, derived from those of the reference. */
import type { Embedding } from '../../data/kinds/types.ts';
import type { RandomStream } from '../../flow/random.ts';
import { log1p } from '../../kernels/math.ts';
import { mapRows, type RowBlock, type RowsInput } from '../../pairwise/spaces/row-source.ts';

/**
 * Selects half of the genes, drawn from those that any cell has; genes that take part but no cell has are divided evenly.
 *
 * @param stream random stream, the same for both halves
 */
export async function halfOfGenes(input: RowsInput, half: 0 | 1, stream: RandomStream): Promise<RowsInput> {
  const reader = await input.open();
  const inUse = new Uint8Array(reader.columns);
  for await (const { rows, indptr, indices } of reader.blocks()) {
    for (let e = 0; e < indptr[rows]; e++) inUse[indices[e]] = 1;
  }
  await reader.close();
  const genes = Int32Array.from(inUse.keys()).filter((column) => inUse[column] === 1);
  stream.shuffle(genes);
  const middle = genes.length >> 1;
  const kept = new Uint8Array(reader.columns);
  for (const column of half === 0 ? genes.subarray(0, middle) : genes.subarray(middle)) kept[column] = 1;
  const unused = Math.max(0, reader.metadata.genesUsed - genes.length);
  const size = half === 0 ? middle + Math.floor(unused / 2) : genes.length - middle + Math.ceil(unused / 2);
  return mapRows(
    input,
    (block) => onlyColumns(block, kept),
    (metadata) => ({ ...metadata, genesUsed: size }),
  );
}

function onlyColumns(block: RowBlock, kept: Uint8Array): RowBlock {
  const { rows, indptr } = block;
  const own = {
    indptr: new Uint32Array(rows + 1),
    indices: new Int32Array(indptr[rows]),
    values: new Float32Array(indptr[rows]),
  };
  let n = 0;
  for (let row = 0; row < rows; row++) {
    for (let e = indptr[row]; e < indptr[row + 1]; e++) {
      if (kept[block.indices[e]] === 0) continue;
      own.indices[n] = block.indices[e];
      own.values[n++] = block.values[e];
    }
    own.indptr[row + 1] = n;
  }
  return { ...block, ...own };
}

/** Shuffles the values of every cell among its genes: a cell keeps its genes and its values. */
export function randomOrder(input: RowsInput, streamOf: (row: number) => RandomStream): RowsInput {
  return mapRows(input, (block) => {
    const { start, rows, indptr } = block;
    const values = block.values.slice(0, indptr[rows]);
    for (let row = 0; row < rows; row++) {
      streamOf(start + row).shuffle(values.subarray(indptr[row], indptr[row + 1]));
    }
    return { ...block, values };
  });
}

/** Returns an embedding in one dimension: log(1 + total counts). */
export function depthEmbedding(totals: Float64Array): Embedding {
  const cellIds = Array.from(totals, (_, i) => String(i));
  return { cellIds, labels: cellIds.map(() => null), dims: 1, values: Float32Array.from(totals, log1p) };
}
