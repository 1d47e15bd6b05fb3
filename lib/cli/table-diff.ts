/** Where two tables differ, row by row and cell by cell. */

export type Cell = string | number | boolean | null;

export interface Columns {
  readonly names: readonly string[];
  /** By name; all of one length. */
  readonly values: Readonly<Record<string, readonly Cell[]>>;
  readonly rows: number;
}

export interface CellDifference {
  /** Key columns with their values, or the number of the row where no columns tell rows apart. */
  readonly row: string;
  readonly column: string;
  readonly old: Cell;
  readonly new: Cell;
}

export interface TableDifference {
  readonly keys: readonly string[];
  readonly addedColumns: readonly string[];
  readonly removedColumns: readonly string[];
  readonly addedRows: number;
  readonly removedRows: number;
  /** All cells that differ by more than the tolerance; `shown` holds the first of them. */
  readonly differing: number;
  /** The largest |new − old| / max(|old|, |new|) of those that are numbers. */
  readonly largest: number;
  readonly shown: readonly CellDifference[];
}

/**
 * @param tolerance numbers a and b count as equal if |a − b| ≤ tolerance · (1 + max(|a|, |b|)), which is relative for
 *   large numbers and absolute for small ones; 0 finds every difference
 * @param limit cells to show at most
 */
export function diffTables(
  old: Columns,
  current: Columns,
  { tolerance, limit }: { tolerance: number; limit: number },
): TableDifference {
  const columns = old.names.filter((name) => current.names.includes(name));
  const keys = keyColumns(old, current, columns);
  const [oldRows, newRows] = [old, current].map((table) => rowsByKey(table, keys));
  const shown: CellDifference[] = [];
  let differing = 0;
  let largest = 0;
  for (const [row, i] of oldRows) {
    const j = newRows.get(row);
    if (j === undefined) continue;
    for (const column of columns) {
      if (keys.includes(column)) continue;
      const [a, b] = [old.values[column][i], current.values[column][j]];
      if (isEqual(a, b, tolerance)) continue;
      differing++;
      if (typeof a === 'number' && typeof b === 'number') largest = Math.max(largest, relative(a, b));
      if (shown.length < limit) shown.push({ row, column, old: a, new: b });
    }
  }
  const absent = (from: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>) =>
    [...from.keys()].filter((row) => !other.has(row)).length;
  return {
    keys,
    addedColumns: current.names.filter((name) => !columns.includes(name)),
    removedColumns: old.names.filter((name) => !columns.includes(name)),
    addedRows: absent(newRows, oldRows),
    removedRows: absent(oldRows, newRows),
    differing,
    largest,
    shown,
  };
}

/**
 * The first columns, in the order of the table, that tell its rows apart in both tables: text and truth values
 * first, whole numbers if those do not do; measured numbers never. None if no columns do.
 */
function keyColumns(old: Columns, current: Columns, columns: readonly string[]): string[] {
  const all = (name: string, test: (cell: Cell) => boolean) =>
    [old, current].every((table) => table.values[name].every((cell) => cell === null || test(cell)));
  const isName = (name: string) => all(name, (cell) => typeof cell === 'string' || typeof cell === 'boolean');
  const isWhole = (name: string) => all(name, (cell) => Number.isInteger(cell));
  const names = columns.filter(isName);
  const keys: string[] = [];
  for (const name of [...names, ...columns.filter((c) => !names.includes(c) && isWhole(c))]) {
    keys.push(name);
    if ([old, current].every((table) => rowsByKey(table, keys).size === table.rows)) return keys;
  }
  return [];
}

function rowsByKey({ values, rows }: Columns, keys: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (let i = 0; i < rows; i++) {
    const row = keys.length === 0 ? `row ${i + 1}` : keys.map((k) => `${k}=${values[k][i]}`).join(', ');
    found.set(row, i);
  }
  return found;
}

function isEqual(a: Cell, b: Cell, tolerance: number): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= tolerance * (1 + Math.max(Math.abs(a), Math.abs(b)));
}

function relative(a: number, b: number): number {
  const scale = Math.max(Math.abs(a), Math.abs(b));
  return scale === 0 ? 0 : Math.abs(a - b) / scale;
}
