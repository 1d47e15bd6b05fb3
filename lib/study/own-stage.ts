/**
 * What a stage of the user's own imports from 'rankloom': that name means this file in the files that `stages` of the
 * config names. It is part of such a stage's code as far as the stage uses it.
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
export { type BytesInput, type BytesOutput, bytes } from '../flow/kinds/bytes.ts';
export type { Columns, Schema } from '../flow/kinds/columns.ts';
export { type FilesInput, type FilesOutput, files } from '../flow/kinds/files.ts';
export { type JsonInput, type JsonOutput, json } from '../flow/kinds/json.ts';
export { type TableInput, type TableOutput, table } from '../flow/kinds/table.ts';
export { type TextInput, type TextOutput, text } from '../flow/kinds/text.ts';
export type { RandomSource, RandomStream } from '../flow/random.ts';
export {
  type ConfigProblem,
  type Context,
  defineStage,
  from,
  fromFile,
  output,
  type Part,
  type Plain,
  type StageDefinition,
} from '../flow/stage.ts';
