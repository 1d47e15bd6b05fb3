/** Entry point of the work of the stage `neighbors`, imported only when the stage runs. */
export { mergeParts, writeNearest } from './part-files.ts';
export { searchPart, searchParts } from './search-part.ts';
export { cellIdsOf, factsOf, rowsOfInput } from './searched-rows.ts';
