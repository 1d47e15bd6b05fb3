/** The same encoding with other random numbers. */
import { type EncodingParams, encodingOf } from '../encodings/index.ts';
import type { RandomSource } from '../flow/random.ts';
import type { ExternalFile } from '../flow/stage.ts';
import type { MatrixInput } from '../formats/types.ts';
import type { MatrixInMemory } from './memory-matrix.ts';

export interface ReplicateInputs {
  readonly counts: MatrixInput;
  readonly genes: {
    readonly gene_id: string[];
    readonly gene_name: (string | null)[];
    readonly highly_variable?: boolean[];
  };
  readonly totals: Float64Array;
  readonly files: Readonly<Record<string, ExternalFile>>;
}

/** Encodes all cells anew, in memory; `replicate` names the streams that random numbers come from. */
export async function encodeReplicate(
  params: EncodingParams,
  { counts, genes, totals, files }: ReplicateInputs,
  random: RandomSource,
  replicate: number,
): Promise<MatrixInMemory> {
  const used = new Uint8Array(genes.gene_id.length).fill(1);
  genes.highly_variable?.forEach((variable, column) => {
    used[column] = variable ? 1 : 0;
  });
  const encoder = await encodingOf(params.kind).prepare({
    params,
    genes: { ids: genes.gene_id, names: genes.gene_name, used },
    totals,
    counts,
    files,
    random: { stream: (...name) => random.stream('replicate', replicate, ...name) },
  });
  const reader = await counts.open();
  try {
    const { rows } = reader;
    const indptr = new Uint32Array(rows + 1);
    const pieces: { indices: Int32Array; values: Float32Array }[] = [];
    const cellIds: string[] = [];
    let nnz = 0;
    for await (const block of reader.blocks()) {
      const own = totals.subarray(block.start, block.start + block.rows);
      const { matrix } = encoder.encodeBlock(block, { ids: block.cellIds, totals: own });
      const entries = matrix.indptr[matrix.rows];
      for (let row = 1; row <= block.rows; row++) indptr[block.start + row] = nnz + matrix.indptr[row];
      nnz += entries;
      // Copied: what an encoder gives may be overwritten by the next block.
      pieces.push({ indices: matrix.indices.slice(0, entries), values: matrix.values.slice(0, entries) });
      for (const id of block.cellIds) cellIds.push(id);
    }
    const csr = { rows, columns: encoder.columns, indptr, ...joined(pieces, nnz) };
    return { csr, notes: { ...encoder.notes }, cellIds };
  } finally {
    await reader.close();
  }
}

function joined(pieces: readonly { indices: Int32Array; values: Float32Array }[], nnz: number) {
  const indices = new Int32Array(nnz);
  const values = new Float32Array(nnz);
  let at = 0;
  for (const piece of pieces) {
    indices.set(piece.indices, at);
    values.set(piece.values, at);
    at += piece.indices.length;
  }
  return { indices, values };
}
