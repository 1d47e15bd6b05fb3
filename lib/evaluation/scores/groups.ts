/** Encoding of labels as numbers. */

export interface Groups {
  /** Names, sorted by code unit. */
  readonly names: readonly string[];
  /** Number of the name of each row. */
  readonly of: Int32Array;
  /** Number of rows of each name. */
  readonly sizes: Int32Array;
}

export function groupsOf(labels: readonly string[]): Groups {
  const names = [...new Set(labels)].sort();
  const number = new Map(names.map((name, i) => [name, i]));
  const of = Int32Array.from(labels, (label) => number.get(label)!);
  const sizes = new Int32Array(names.length);
  for (const group of of) sizes[group]++;
  return { names, of, sizes };
}
