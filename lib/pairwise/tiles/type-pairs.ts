/** Cells by type, and pairs of types: the groups of pairs of cells. */

export interface CellTypes {
  /** Names of the types, ascending by code unit. */
  readonly names: readonly string[];
  /** Cells by type, and within a type in their own order: the row order to open a space with. */
  readonly order: Int32Array;
  /** Type t holds the positions starts[t] … starts[t + 1] − 1 of `order`. */
  readonly starts: Int32Array;
}

/** Sorts cells by their label. */
export function cellTypes(labels: readonly string[]): CellTypes {
  const names = [...new Set(labels)].sort();
  const codeOf = new Map(names.map((name, code) => [name, code]));
  const starts = new Int32Array(names.length + 1);
  for (const label of labels) starts[codeOf.get(label)! + 1]++;
  for (let t = 0; t < names.length; t++) starts[t + 1] += starts[t];
  const next = starts.slice();
  const order = new Int32Array(labels.length);
  for (let cell = 0; cell < labels.length; cell++) order[next[codeOf.get(labels[cell])!]++] = cell;
  return { names, order, starts };
}

/** Number of groups: unordered pairs of types, each type with itself included. */
export const groupCount = (types: CellTypes) => (types.names.length * (types.names.length + 1)) / 2;

/** Number of the group of types a ≤ b. The groups of one b have consecutive numbers. */
export const groupOf = (a: number, b: number) => (b * (b + 1)) / 2 + a;

/** Number of cells of a type. */
export const typeSize = ({ starts }: CellTypes, type: number) => starts[type + 1] - starts[type];
