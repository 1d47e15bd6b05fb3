/** Numbers of cells of each type: in the source, passing the filters, and sampled. */

export interface CellStatus {
  /** Label of each cell; null where it has none: the cell is of no type. */
  readonly label: readonly (string | null)[];
  readonly passing: readonly boolean[];
  readonly sampled: readonly boolean[];
}

export interface TypeCounts {
  readonly label: string[];
  readonly cells_total: Float64Array;
  readonly cells_passing: Float64Array;
  readonly cells_sampled: Float64Array;
}

/** Counts with one row per label, by code unit; also labels of which no cell is left. */
export function tallyTypes({ label, passing, sampled }: CellStatus): TypeCounts {
  const counts = new Map<string, { total: number; passing: number; sampled: number }>();
  for (let i = 0; i < label.length; i++) {
    const name = label[i];
    if (name === null) continue;
    const count = counts.get(name) ?? { total: 0, passing: 0, sampled: 0 };
    count.total++;
    if (passing[i]) count.passing++;
    if (sampled[i]) count.sampled++;
    counts.set(name, count);
  }
  // The default order of strings is by code unit.
  const labels = [...counts.keys()].sort();
  const column = (of: 'total' | 'passing' | 'sampled') =>
    Float64Array.from(labels, (name) => counts.get(name)![of]);
  return {
    label: labels,
    cells_total: column('total'),
    cells_passing: column('passing'),
    cells_sampled: column('sampled'),
  };
}
