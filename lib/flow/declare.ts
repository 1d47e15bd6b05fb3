/**
 * Entry point for files that define stages: functions to declare them, and the built-in kinds. Separate from index.ts, which
 * loads the engine: everything a stage's file imports is part of that stage's code, and an edit there reruns the stage.
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
