/** Looks into a file or folder of cells. */
import type { Inspection, KnownColumns } from '../readers/inspection.ts';
import { readerOf } from '../readers/source.ts';

/**
 * Tells what is in a source of cells, by the reader of its format. What cannot be read in it is said in the result.
 * Errors: a format that is not read; a known column that is not there or cannot play its role.
 */
export async function inspectFile(path: string, known: KnownColumns = {}): Promise<Inspection> {
  return (await readerOf(path)).inspect(path, known);
}
