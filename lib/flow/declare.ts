/**
 * All that a file with a stage imports from the framework: what declares it, and the kinds that come along. Apart from index.ts,
 * which brings the engine: whatever a stage's file imports is part of that stage's code, and reruns it when it is edited.
 */
export { type BytesInput, type BytesOutput, bytes } from './kinds/bytes.ts';
export type { ColumnData, Columns, ColumnType, Schema } from './kinds/columns.ts';
export { type FilesInput, type FilesOutput, files } from './kinds/files.ts';
export { type JsonInput, type JsonOutput, json } from './kinds/json.ts';
export { type TableInput, type TableOutput, table } from './kinds/table.ts';
export { type TextInput, type TextOutput, text } from './kinds/text.ts';
export type { RandomSource, RandomStream } from './random.ts';
export * from './stage.ts';
export { type ConfigFor, type DefineStage, stagesFor } from './stages-for.ts';
