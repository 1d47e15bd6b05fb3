/** What the stage `neighbors` runs, in one place: it is imported when the stage runs. */
export { mergeParts, writeNearest } from './part-files.ts';
export { searchPart, searchParts } from './search-part.ts';
export { cellIdsOf, factsOf, rowsOfInput } from './searched-rows.ts';
