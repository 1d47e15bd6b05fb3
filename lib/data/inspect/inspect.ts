/** Inspection of a file or folder of cells. */
import type { Inspection, KnownColumns } from '../readers/inspection.ts';
import { readerOf } from '../readers/source.ts';

/**
 * Inspects a source of cells, with the reader of its format. Parts that cannot be read are listed in the result. Throws a
 * data error for an unknown format, and for a known column that is absent or cannot play its role.
 */
export async function inspectFile(path: string, known: KnownColumns = {}): Promise<Inspection> {
  return (await readerOf(path)).inspect(path, known);
}
