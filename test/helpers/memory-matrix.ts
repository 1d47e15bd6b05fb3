/** A matrix that was made in memory, read like one from a file. */
import type { Csr } from '../../lib/cells/csr.ts';
import { hashCells } from '../../lib/data/kinds/cells-hash.ts';
import type { MatrixInput, MatrixMetadata, MatrixReader } from '../../lib/data/kinds/types.ts';

/** What matrices are made into others from. */
export interface MatrixInMemory {
  readonly csr: Csr;
  /** Default: counts of as many genes as there are columns. */
  readonly metadata?: MatrixMetadata;
  readonly notes?: MatrixReader['notes'];
  readonly cellIds: string[];
}

export function memoryMatrix({ csr, metadata, notes = {}, cellIds }: MatrixInMemory): MatrixInput {
  const reader: MatrixReader = {
    rows: csr.rows,
    columns: csr.columns,
    nnz: csr.indptr[csr.rows],
    metadata: metadata ?? { genesUsed: csr.columns, layout: 'sparse', value: 'counts' },
    notes,
    cellIds: async () => cellIds,
    cellsHash: async () => hashCells(cellIds),
    async *blocks() {
      yield { ...csr, start: 0, cellIds };
    },
    async readAll(options) {
      options?.cellIds?.push(...cellIds);
      return csr;
    },
    async close() {},
  };
  return { kind: 'matrix', open: async () => reader };
}
