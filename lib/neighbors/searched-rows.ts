/** Searched rows: those of artifacts, and of spaces in memory. */
import type { EmbeddingInput, MatrixInput, MatrixReader } from '../data/kinds/types.ts';
import { coordinatesOf } from '../pairwise/spaces/dense-space.ts';
import { rowNumbers } from '../pairwise/spaces/open-space.ts';
import type { Space } from '../pairwise/spaces/space.ts';
import type { RowFacts, SearchedRows } from './method.ts';

/** Returns the facts about the rows of an artifact by which a method is chosen. */
export async function factsOf(input: MatrixInput | EmbeddingInput, metric: string): Promise<RowFacts> {
  if (input.kind === 'embedding') {
    const { cellIds, dims } = await input.read();
    return { kind: 'embedding', rows: cellIds.length, metric, dims };
  }
  return withReader(input, ({ rows, columns, notes }) => ({ kind: 'matrix', rows, metric, columns, notes }));
}

/** Returns the rows of an artifact for a search. @param space opens the space of the rows, possibly shared by threads */
export function rowsOfInput(
  input: MatrixInput | EmbeddingInput,
  metric: string,
  space: () => Promise<Space>,
): SearchedRows {
  return {
    facts: () => factsOf(input, metric),
    space,
    matrix: async () => {
      if (input.kind !== 'matrix') throw absent('a matrix');
      return withReader(input, (reader) => reader.readAll({ shared: true }));
    },
    points: async () => {
      if (input.kind !== 'embedding') throw absent('an embedding');
      const embedding = await input.read();
      return { values: coordinatesOf(embedding, rowNumbers(embedding.cellIds.length)), dims: embedding.dims };
    },
  };
}

/** Returns the rows of an open space for a search. */
export function rowsOfSpace(space: Space): SearchedRows {
  return {
    facts: async () => ({ kind: 'space', rows: space.rows, metric: space.metric }),
    space: async () => space,
    matrix: async () => {
      throw absent('a matrix');
    },
    points: async () => {
      throw absent('an embedding');
    },
  };
}

const absent = (what: string) => new Error(`Internal error: the method searches ${what}, and there is none`);

/** Returns the cell ids of the rows of an artifact. */
export async function cellIdsOf(input: MatrixInput | EmbeddingInput): Promise<string[]> {
  if (input.kind === 'embedding') return (await input.read()).cellIds;
  return withReader(input, (reader) => reader.cellIds());
}

async function withReader<T>(input: MatrixInput, use: (reader: MatrixReader) => T | Promise<T>): Promise<T> {
  const reader = await input.open();
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}
