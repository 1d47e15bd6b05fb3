import { dataError } from '../../errors.ts';

export interface Groups {
  /** The group of each row, −1 for none. */
  readonly group: Int32Array;
  /** Name of each group; one group without a name if there are no batches. */
  readonly names: readonly string[];
}

/**
 * Groups of cells: one per batch, or one with all cells. Throws a data error for fewer than two cells, or if no cell has
 * a batch.
 */
export function groupsOf(rows: number, batches: readonly (string | null)[] | undefined): Groups {
  if (rows < 2) {
    throw dataError(`cannot compare genes over ${rows} cell`, { expected: 'at least 2 cells' });
  }
  if (batches === undefined) return { group: new Int32Array(rows), names: [''] };
  const names = [...new Set(batches.filter((batch) => batch !== null))].sort();
  if (names.length === 0) {
    throw dataError('no cell has a batch', {
      expected: 'a batch for each cell, since hvg.batchAware is true',
      hint: 'Set dataset.batch to the column that holds it, or hvg.batchAware to false.',
    });
  }
  const number = new Map(names.map((name, b) => [name, b]));
  return { group: Int32Array.from(batches, (batch) => (batch === null ? -1 : number.get(batch)!)), names };
}
