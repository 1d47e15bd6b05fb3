/** Differences between two tables, row by row and cell by cell. */

export type Cell = string | number | boolean | null;

export interface Columns {
  readonly names: readonly string[];
  /** Columns by name; all of one length. */
  readonly values: Readonly<Record<string, readonly Cell[]>>;
  readonly rows: number;
}

export interface CellDifference {
  /** Key columns with their values, null left out; with the position of the row where these do not tell rows apart. */
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
  /** Number of cells that differ by more than the tolerance; `shown` holds the first of them. */
  readonly differing: number;
  /** Largest |new − old| / max(|old|, |new|) of those that are numbers. */
  readonly largest: number;
  readonly shown: readonly CellDifference[];
}

/**
 * Compares two tables.
 *
 * @param tolerance numbers a and b count as equal if |a − b| ≤ tolerance · (1 + max(|a|, |b|)), which is relative for
 *   large numbers and absolute for small ones; 0 finds every difference
 * @param limit largest number of cells to show
 */
export function diffTables(
  old: Columns,
  current: Columns,
  { tolerance, limit }: { tolerance: number; limit: number },
): TableDifference {
  const columns = old.names.filter((name) => current.names.includes(name));
  const names = nameRows(old, current, columns);
  const { keys } = names;
  const [oldRows, newRows] = [old, current].map((table) => rowsByName(table, names));
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

/** Names of the rows of a table, by which they are told apart. */
interface RowNames {
  readonly keys: readonly string[];
  /** True if the keys are not enough: rows with equal keys are numbered in their order. */
  readonly numbered: boolean;
}

/**
 * Chooses the first columns, in the order of the table, that tell its rows apart in both tables: text and truth values
 * first, whole numbers if those are not enough; measured numbers never. If no columns do, it takes those of text and
 * truth values. Columns that add nothing, such as one that is the same everywhere, are left out.
 */
function nameRows(old: Columns, current: Columns, columns: readonly string[]): RowNames {
  const tables = [old, current];
  const all = (name: string, test: (cell: Cell) => boolean) =>
    tables.every((table) => table.values[name].every((cell) => cell === null || test(cell)));
  const isName = (name: string) => all(name, (cell) => typeof cell === 'string' || typeof cell === 'boolean');
  const isWhole = (name: string) => all(name, (cell) => Number.isInteger(cell));
  const labels = (keys: readonly string[]) =>
    tables.map((table) => rowsByName(table, { keys, numbered: false }));
  const isEnough = (keys: readonly string[]) =>
    labels(keys).every((found, t) => found.size === tables[t].rows);
  const distinct = (keys: readonly string[]) =>
    new Set(labels(keys).flatMap((found) => [...found.keys()])).size;
  const needed = (keys: readonly string[]) => {
    const most = distinct(keys);
    return keys.reduceRight<readonly string[]>((kept, key) => {
      const others = kept.filter((name) => name !== key);
      return others.length > 0 && distinct(others) === most ? others : kept;
    }, keys);
  };
  const names = columns.filter(isName);
  const keys: string[] = [];
  for (const name of [...names, ...columns.filter((c) => !names.includes(c) && isWhole(c))]) {
    keys.push(name);
    if (isEnough(keys)) return { keys: needed(keys), numbered: false };
  }
  return { keys: needed(names), numbered: true };
}

/** Numbers of the rows, by a text that holds their keys. */
function rowsByName({ values, rows }: Columns, { keys, numbered }: RowNames): Map<string, number> {
  const found = new Map<string, number>();
  const seen = new Map<string, number>();
  for (let i = 0; i < rows; i++) {
    const known = keys.filter((key) => values[key][i] !== null);
    const cells = (known.length === 0 ? keys : known).map((key) => `${key}=${values[key][i]}`);
    if (numbered) {
      const alike = cells.join();
      const place = (seen.get(alike) ?? 0) + 1;
      seen.set(alike, place);
      cells.push(`row ${place}`);
    }
    found.set(cells.join(', '), i);
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
