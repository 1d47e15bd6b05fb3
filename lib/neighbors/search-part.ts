/** Search through all pairs, in parts, also if only some cells are fitted. */
import type { FilesOutput } from '../data/kinds/types.ts';
import type { Space } from '../pairwise/spaces/space.ts';
import { type NearestPart, nearestOfPart, nearestParts } from './exact/parts.ts';
import { listPlaces, othersParts } from './fitted.ts';
import { undefinedRows } from './method.ts';
import { writeLists, writeUndefinedRows } from './part-files.ts';

/** Returns all parts, with their numbers of pairs: among the fitted cells, then the other cells against the fitted ones. */
export function searchParts(
  cells: number,
  fitCells: number | null,
): (NearestPart & { readonly pairs: number })[] {
  const fitted = Math.min(cells, fitCells ?? cells);
  return [...nearestParts(fitted), ...othersParts(fitted, cells)];
}

/**
 * Writes the neighbours that one part finds, and the rows without a value, once for each block of rows.
 *
 * @param space rows in the order: the fitted cells first, then the others
 */
export async function searchPart(
  space: Space,
  { k, fitCells }: { readonly k: number; readonly fitCells: number | null },
  part: NearestPart,
  to: FilesOutput,
  { signal, progress }: { signal?: AbortSignal; progress?: (done: number, total: number) => void } = {},
): Promise<void> {
  const { rowStart, rowEnd, columnStart, columnEnd } = part;
  const fitted = Math.min(space.rows, fitCells ?? space.rows);
  // Fitted cells have no neighbours among the other cells.
  const areOthers = columnStart >= fitted;
  const { rows, columns } = await nearestOfPart(space, listPlaces(k, fitCells, fitted), part, {
    of: areOthers ? 'columns' : 'both',
    signal,
    progress: (done) => progress?.(done, rowEnd - rowStart),
  });
  if (rows !== undefined) await writeLists(to, 'rows', rowStart, rows);
  if (columns !== undefined) await writeLists(to, 'columns', columnStart, columns);
  const own: [number, number] = areOthers ? [columnStart, columnEnd] : [rowStart, rowEnd];
  if (areOthers || columns === undefined) await writeUndefinedRows(to, undefinedRows(space, ...own));
}
