/**
 * Sparse matrices as Arrow files, one row per cell: `cell_id`, `genes: List<Int32>` (column numbers, ascending), `values:
 * List<Float32>`. The schema's metadata has `kind`, `columns`, `notes` (JSON, including the entries of `MatrixMetadata`
 * as `genes_used`, `layout` and `value`) and, in the footer, `rows`, `nnz` and `cells`, the hash of the ids.
 */
import type { Csr, CsrBlock } from '../../cells/csr.ts';
import { dataError } from '../../errors.ts';
import type { Kind } from '../../flow/stage.ts';
import { decodeMetadata, encodeMetadata } from './matrix-metadata.ts';
import { createRagged, decodeNotes, encodeNotes, type ListColumn, openRagged } from './ragged.ts';
import type { MatrixInput, MatrixOutput, MatrixReader, MatrixWriter } from './types.ts';

/**
 * Kind of sparse matrices: rows are cells, columns genes or dimensions, values float32. `open` reads the schema and
 * throws a data error if the file is no such matrix or lacks an entry of its metadata; each call of `blocks()` then
 * streams the rows anew. `create` takes rows in order, and throws for a block that is no valid CSR.
 */
export function matrix(): Kind<'matrix', MatrixInput, MatrixOutput> {
  return {
    name: 'matrix',
    input: (path) => ({ kind: 'matrix', open: () => openMatrix(path) }),
    output: (path) => ({ create: (options) => createMatrix(path, options) }),
  };
}

const LISTS: readonly ListColumn[] = [
  { name: 'genes', type: 'Int32' },
  { name: 'values', type: 'Float32' },
];

export async function createMatrix(
  path: string,
  { columns, metadata, notes }: Parameters<MatrixOutput['create']>[0],
): Promise<MatrixWriter> {
  const told = encodeNotes(encodeMetadata(metadata, columns, notes));
  const file = await createRagged(path, LISTS, {
    metadata: { kind: 'matrix', columns: String(columns), notes: told },
    total: 'nnz',
  });
  let rows = 0;
  return {
    async append(block, cellIds) {
      checkBlock(block, cellIds, columns, rows);
      rows += block.rows;
      await file.append(cellIds, block.indptr, [block.indices, block.values]);
    },
    close: () => file.close(),
  };
}

/** Checks that a writer keeps the contract of `CsrBlock`. One pass, a small part of the time that writing takes. */
function checkBlock(block: CsrBlock, cellIds: readonly string[], columns: number, start: number): void {
  const { rows, indptr, indices, values } = block;
  const problem =
    block.columns !== columns
      ? `${block.columns} columns instead of ${columns}`
      : cellIds.length !== rows
        ? `${rows} rows and ${cellIds.length} cell ids`
        : indptr.length < rows + 1 || indptr[0] !== 0
          ? `indptr of length ${indptr.length} beginning with ${indptr[0]} for ${rows} rows`
          : indices.length < indptr[rows] || values.length < indptr[rows]
            ? `${indices.length} indices and ${values.length} values for ${indptr[rows]} entries`
            : undefined;
  if (problem !== undefined) throw new Error(`matrix, block from row ${start}: ${problem}`);
  for (let row = 0; row < rows; row++) {
    let previous = -1;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const column = indices[i];
      const value = values[i];
      // The last comparison is false for NaN and true for infinity, hence written this way.
      if (column > previous && column < columns && value !== 0 && Math.abs(value) < Infinity) {
        previous = column;
        continue;
      }
      const what =
        column < 0
          ? `column ${column} is negative`
          : column <= previous
            ? `column ${column} comes after column ${previous}`
            : column >= columns
              ? `column ${column} of ${columns}`
              : `a stored value of ${value} in column ${column}`;
      throw new Error(`matrix, cell "${cellIds[row]}" (row ${start + row}): ${what}`);
    }
  }
}

export async function openMatrix(path: string): Promise<MatrixReader> {
  const file = await openRagged(path, LISTS, 'matrix');
  const [rows, columns, nnz] = ['rows', 'columns', 'nnz'].map((key) => Number(file.metadata.get(key)));
  const { metadata, notes } = decodeMetadata(decodeNotes(file.metadata), path);

  async function* blocks() {
    let start = 0;
    for await (const { cellIds, offsets, values } of file.blocks()) {
      yield {
        start,
        rows: cellIds.length,
        columns,
        cellIds,
        indptr: offsets,
        indices: values[0] as Int32Array,
        values: values[1] as Float32Array,
      };
      start += cellIds.length;
    }
  }

  return {
    rows,
    columns,
    nnz,
    metadata,
    notes,
    blocks,
    async cellIds() {
      const ids: string[] = [];
      for await (const block of blocks()) for (const id of block.cellIds) ids.push(id);
      return ids;
    },
    async cellsHash() {
      const cells = file.metadata.get('cells');
      if (cells !== undefined) return cells;
      throw dataError('the matrix does not say which cells its rows are', {
        expected: 'the entry `cells` in the metadata of its footer',
        where: path,
      });
    },
    async readAll({ shared = false, cellIds } = {}): Promise<Csr> {
      if (nnz > 0xffffffff) {
        throw dataError(`the matrix has ${nnz} entries, too many to hold in memory`, {
          expected: `at most ${0xffffffff}`,
          where: path,
        });
      }
      const room = (words: number) =>
        shared ? new SharedArrayBuffer(words * 4) : new ArrayBuffer(words * 4);
      const indptr = new Uint32Array(room(rows + 1));
      const indices = new Int32Array(room(nnz));
      const values = new Float32Array(room(nnz));
      let entries = 0;
      for await (const block of blocks()) {
        indices.set(block.indices, entries);
        values.set(block.values, entries);
        for (let i = 1; i <= block.rows; i++) indptr[block.start + i] = entries + block.indptr[i];
        entries += block.indptr[block.rows];
        if (cellIds !== undefined) for (const id of block.cellIds) cellIds.push(id);
      }
      return { rows, columns, indptr, indices, values };
    },
    // The file is open during a pass only.
    async close() {},
  };
}
