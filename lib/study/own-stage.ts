/**
 * Exports for stages of the user's own: 'rankloom' means this file in the files that `stages` of the config names. The
 * parts of it that such a stage uses belong to the stage's code.
 */
export { z } from 'zod';
export { embedding } from '../data/kinds/embedding.ts';
export { matrix } from '../data/kinds/matrix.ts';
export { neighbors } from '../data/kinds/neighbors.ts';
export { parquet } from '../data/kinds/parquet.ts';
export { tokens } from '../data/kinds/tokens.ts';
export type {
  Embedding,
  EmbeddingInput,
  EmbeddingOutput,
  MatrixInput,
  MatrixOutput,
  MatrixReader,
  Neighbors,
  NeighborsInput,
  ParquetInput,
  TokensInput,
} from '../data/kinds/types.ts';
export * from '../flow/declare.ts';
