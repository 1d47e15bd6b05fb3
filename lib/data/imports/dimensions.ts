/** Choice of the columns of a table that are the dimensions of an embedding: named columns, or a run of numbered ones. */
import { dataError, type OperationalError } from '../../errors.ts';
import { nearest } from '../../flow/text/suggest.ts';

/** Names of numbers about cells that are no coordinates, even if they are numbered. */
const NO_COORDINATES =
  /leiden|louvain|cluster|batch|donor|sample|replicate|n_?(counts?|genes|umis?|features)|counts?[._-]?$|total|pct|percent|mito|ribo|resolution|snn|score|doublet|phase|^res[._-]?$|^k[._-]?$/i;

export interface Dimensions {
  /** Places of the dimensions among the columns of numbers, in their order. */
  readonly places: number[];
  /** Columns of numbers that are no dimensions. */
  readonly leftOut: string[];
}

interface Table {
  readonly path: string;
  /** Names of the columns of numbers. */
  readonly columns: readonly string[];
  /** Names of the other columns. */
  readonly ignored: readonly string[];
  readonly rows: number;
  /** Row-major, rows × columns. */
  readonly values: Float32Array;
}

/**
 * Chooses the dimensions among the columns of numbers. `wanted` names them; without it they are the one run of columns
 * with a common beginning and the numbers 0, 1, 2 … or 1, 2, 3 … (UMAP_1, UMAP_2), which hold fractions: whole numbers
 * throughout are more likely clusters. Nothing else becomes a dimension by default.
 *
 * @throws a data error that lists the columns: none or several such runs, a wanted column that is not there
 */
export function chooseDimensions(table: Table, wanted: readonly string[] | undefined): Dimensions {
  const { columns, ignored, path } = table;
  const repeated = columns.find((name, i) => columns.indexOf(name) < i);
  if (wanted !== undefined) {
    const places = wanted.map((name, i) => {
      const place = columns.indexOf(name);
      if (place >= 0 && repeated === name) throw refuse(table, `several columns are called ${quote(name)}`);
      if (place >= 0 && wanted.indexOf(name) === i) return place;
      if (place >= 0) throw refuse(table, `${quote(name)} stands twice in \`columns\``);
      throw dataError(
        ignored.includes(name)
          ? `the column ${quote(name)} holds no numbers`
          : `the file has no column ${quote(name)}`,
        { where: path, expected: `\`columns\`: some of ${list(columns)}`, hint: nearest(name, [...columns]) },
      );
    });
    return { places, leftOut: columns.filter((_, c) => !places.includes(c)) };
  }
  const runs = runsOf(columns);
  if (runs.length !== 1) {
    const names = runs.map((run) => `${columns[run[0]]} … ${columns[run[run.length - 1]]}`);
    throw refuse(
      table,
      runs.length === 0
        ? 'which columns are the dimensions cannot be told by their names'
        : `the file has several runs of numbered columns: ${names.join(', ')}`,
    );
  }
  const [places] = runs;
  requireWhole(table, places);
  const whole = places.find((c) => isWhole(table, c));
  if (whole !== undefined) {
    throw refuse(
      table,
      `the column ${quote(columns[whole])} holds only whole numbers, as the numbers of clusters are`,
    );
  }
  return { places, leftOut: columns.filter((_, c) => !places.includes(c)) };
}

/** Runs of at least two columns with a common beginning and consecutive numbers from 0 or 1. */
function runsOf(columns: readonly string[]): number[][] {
  const byPrefix = new Map<string, { place: number; number: number }[]>();
  for (const [place, name] of columns.entries()) {
    const numbered = numberedName(name);
    if (numbered === undefined || NO_COORDINATES.test(numbered.prefix)) continue;
    const { prefix, number } = numbered;
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), { place, number }]);
  }
  return [...byPrefix.values()]
    .filter((run) => {
      const numbers = run.map(({ number }) => number).sort((a, b) => a - b);
      return run.length >= 2 && numbers[0] <= 1 && numbers.every((number, i) => number === numbers[0] + i);
    })
    .map((run) => run.map(({ place }) => place));
}

function numberedName(name: string): { prefix: string; number: number } | undefined {
  const match = /^(.*?)(\d+)$/s.exec(name);
  return match === null ? undefined : { prefix: match[1], number: Number(match[2]) };
}

/** Refuses a run of which a column could not be read as numbers: what is left would be another embedding. */
function requireWhole(table: Table, run: readonly number[]): void {
  const names = run.map((place) => table.columns[place]);
  const prefix = numberedName(names[0])?.prefix;
  const unread = table.ignored.find((name) => numberedName(name)?.prefix === prefix);
  if (unread === undefined) return;
  throw refuse(
    table,
    `the column ${quote(unread)} is numbered like the dimensions ${names[0]} … ${names[names.length - 1]}, but does not hold numbers`,
  );
}

function isWhole({ rows, columns, values }: Table, column: number): boolean {
  for (let row = 0; row < rows; row++) {
    const value = values[row * columns.length + column];
    if (!Number.isInteger(value)) return false;
  }
  return rows > 0;
}

function refuse({ path, columns }: Table, message: string): OperationalError {
  return dataError(message, {
    where: path,
    expected: 'one run of numbered columns such as UMAP_1, UMAP_2, or the dimensions by name in `columns`',
    hint: `Columns of numbers: ${list(columns)}. Every dimension counts in distances, so none is taken by guess.`,
  });
}

const quote = (name: string) => JSON.stringify(name);

function list(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(quote).join(', ');
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
