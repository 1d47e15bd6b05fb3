/** Block encoders made of row encoders, since most encodings look at one cell at a time. */
import type { CsrBlock } from '../cells/csr.ts';
import type { BlockCells, EncodedBlock, Encoder, Reading } from './encoding.ts';

/** Output of a row encoder, which appends to it and moves the counts on. */
export interface RowSink {
  /** Column and value of each entry; columns ascend within a row, values are not zero. */
  readonly indices: Int32Array;
  readonly values: Float32Array;
  nnz: number;
  readonly tokens: Int32Array;
  tokenCount: number;
  sentence: string;
  /** Number and value of each gene that the model reads, in its order. */
  readonly modelGenes: Int32Array;
  readonly modelValues: Float32Array;
  modelCount: number;
}

/**
 * Takes the used entries of a row, in ascending order of columns; returns how many. Columns are written from `first` on,
 * where they may stay, values from 0 on.
 */
export function takeUsed(
  block: CsrBlock,
  row: number,
  used: Uint8Array,
  columns: Int32Array,
  values: Float32Array | Float64Array,
  first = 0,
): number {
  const { indices, values: all } = block;
  const end = block.indptr[row + 1];
  let n = 0;
  for (let e = block.indptr[row]; e < end; e++) {
    const column = indices[e];
    if (used[column] === 0) continue;
    columns[first + n] = column;
    values[n++] = all[e];
  }
  return n;
}

/**
 * Encodes row `row` of the block into `out`. `total` is the cell's count over all genes of the source.
 * Writes no more entries than the row has, but for those that the options announce.
 */
export type EncodeRow = (block: CsrBlock, row: number, total: number, id: string, out: RowSink) => void;

export interface RowEncoderOptions {
  readonly columns: number;
  readonly metadata: Encoder['metadata'];
  readonly notes?: Encoder['notes'];
  /** Reading of the columns; absent if the used columns are read as they are. */
  readonly reading?: Reading;
  /** Special tokens a cell may get on top of one for each entry; absent if no tokens are written. */
  readonly specialTokens?: number;
  readonly sentences?: boolean;
  /** Notes of the model's input, and entries a cell may get on top; absent if none is written. */
  readonly model?: { readonly notes: Readonly<Record<string, string>>; readonly extra: number };
  /** Entries of the matrix that a cell may get on top of those of the row. */
  readonly extraEntries?: number;
  readonly encodeRow: EncodeRow;
}

export function rowEncoder(options: RowEncoderOptions): Encoder {
  const {
    columns,
    metadata,
    notes,
    reading,
    specialTokens,
    sentences = false,
    model,
    extraEntries = 0,
    encodeRow,
  } = options;
  const writesTokens = specialTokens !== undefined;

  function encodeBlock(block: CsrBlock, cells: BlockCells): EncodedBlock {
    const { rows } = block;
    const capacity = block.indptr[rows];
    const entries = capacity + rows * extraEntries;
    const modelEntries = model === undefined ? 0 : capacity + rows * model.extra;
    const out: RowSink = {
      indices: new Int32Array(entries),
      values: new Float32Array(entries),
      nnz: 0,
      tokens: new Int32Array(writesTokens ? capacity + rows * specialTokens : 0),
      tokenCount: 0,
      sentence: '',
      modelGenes: new Int32Array(modelEntries),
      modelValues: new Float32Array(modelEntries),
      modelCount: 0,
    };
    const modelOffsets = new Uint32Array(rows + 1);
    const indptr = new Uint32Array(rows + 1);
    const tokenLists: Int32Array[] = [];
    const sentenceList: string[] = [];
    for (let row = 0; row < rows; row++) {
      const firstToken = out.tokenCount;
      encodeRow(block, row, cells.totals[row], cells.ids[row], out);
      indptr[row + 1] = out.nnz;
      modelOffsets[row + 1] = out.modelCount;
      if (writesTokens) tokenLists.push(out.tokens.subarray(firstToken, out.tokenCount));
      if (sentences) sentenceList.push(out.sentence);
    }
    return {
      matrix: {
        rows,
        columns,
        indptr,
        indices: out.indices.subarray(0, out.nnz),
        values: out.values.subarray(0, out.nnz),
      },
      tokens: writesTokens ? tokenLists : undefined,
      sentences: sentences ? sentenceList : undefined,
      model:
        model === undefined
          ? undefined
          : { offsets: modelOffsets, genes: out.modelGenes, values: out.modelValues },
    };
  }

  return {
    columns,
    metadata,
    notes,
    reading,
    writesTokens,
    writesSentences: sentences,
    modelNotes: model?.notes,
    encodeBlock,
  };
}
