/** Table of the cut-offs of a measure: statistics of the relations at each cut-off. */
import type { Columns } from '../../data/kinds/types.ts';
import type { measureCutoffsTable, Orientation } from '../../data/results/tables.ts';
import { type CellGroups, kindsOf, OTHER, SAME, UNKNOWN } from './relations.ts';

/** Batch relations of pairs, with the kinds of pairs that belong to each. */
const BATCH_RELATIONS = [
  { name: 'any', kinds: [SAME, OTHER, UNKNOWN] },
  { name: 'same_batch', kinds: [SAME] },
  { name: 'other_batch', kinds: [OTHER] },
];

/**
 * Describes the relations at each cut-off: the number of pairs, and the share of a cell's relations with the same label,
 * averaged over cells. A cell without relations has no share and is left out of the mean; it is counted in
 * `cells_with_none`.
 *
 * @param counts in the layout of `RelationCounts.takeCounts`
 */
export function relationTable(
  orientation: Orientation,
  cutoffs: readonly number[],
  groups: CellGroups,
  counts: Uint32Array,
): Columns<typeof measureCutoffsTable> {
  const cells = groups.labels.length;
  const kinds = kindsOf(groups);
  const classes = 2 * kinds;
  const related = new Float64Array(cells * classes);
  const batchRelations = kinds === 1 ? BATCH_RELATIONS.slice(0, 1) : BATCH_RELATIONS;
  const found = cutoffs.map(() => [] as ReturnType<typeof describe>);
  // Counts are by strictest cut-off passed, so relations accumulate from the strictest cut-off on.
  const strictestFirst = [...cutoffs.keys()];
  if (orientation === 'similarity') strictestFirst.reverse();
  for (const c of strictestFirst) {
    for (let cell = 0; cell < cells; cell++) {
      const from = (cell * cutoffs.length + c) * classes;
      for (let k = 0; k < classes; k++) related[cell * classes + k] += counts[from + k];
    }
    found[c] = batchRelations.flatMap((relation) =>
      describe(cutoffs[c], relation, groups, related, kinds, chanceOf(relation.name, groups)),
    );
  }
  const rows = found.flat();
  return {
    cutoff: Float64Array.from(rows, (row) => row.cutoff),
    relation: rows.map((row) => row.relation),
    batch_relation: rows.map((row) => row.batchRelation),
    pairs: Float64Array.from(rows, (row) => row.pairs),
    cells_with_none: Float64Array.from(rows, (row) => row.cellsWithNone),
    mean_fraction: Float64Array.from(rows, (row) => row.meanFraction),
    chance: Float64Array.from(rows, (row) => row.chance),
  };
}

function describe(
  cutoff: number,
  { name, kinds: wanted }: (typeof BATCH_RELATIONS)[number],
  { labels }: CellGroups,
  related: Float64Array,
  kinds: number,
  chance: number,
) {
  let sameLabel = 0;
  let otherLabel = 0;
  let shares = 0;
  let none = 0;
  for (let cell = 0; cell < labels.length; cell++) {
    let same = 0;
    let other = 0;
    for (const kind of wanted) {
      if (kind >= kinds) continue;
      same += related[cell * 2 * kinds + kind];
      other += related[(cell * 2 + 1) * kinds + kind];
    }
    sameLabel += same;
    otherLabel += other;
    if (same + other === 0) none++;
    else shares += same / (same + other);
  }
  const share = none === labels.length ? Number.NaN : shares / (labels.length - none);
  const shared = { cutoff, batchRelation: name, cellsWithNone: none };
  // Every pair is counted for both of its cells.
  return [
    { ...shared, relation: 'same_label', pairs: sameLabel / 2, meanFraction: share, chance },
    {
      ...shared,
      relation: 'other_label',
      pairs: otherLabel / 2,
      meanFraction: 1 - share,
      chance: 1 - chance,
    },
  ];
}

/** Returns the share of all pairs of a batch relation that have the same label; NaN if there is no such pair. */
export function chanceOf(batchRelation: string, { labels, batches }: CellGroups): number {
  const all = new Map<number, number>();
  const withBatch = new Map<number, number>();
  const byBatch = new Map<number, number>();
  const byBoth = new Map<string, number>();
  const count = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let cell = 0; cell < labels.length; cell++) {
    count(all, labels[cell]);
    const batch = batches?.[cell] ?? -1;
    if (batch < 0) continue;
    count(withBatch, labels[cell]);
    count(byBatch, batch);
    count(byBoth, `${labels[cell]},${batch}`);
  }
  // Ordered pairs within groups: `pairs` of different cells, `squares` of any two cells.
  const pairs = (counts: Map<unknown, number>) => sum(counts, (n) => n * (n - 1));
  const squares = (counts: Map<unknown, number>) => sum(counts, (n) => n * n);
  if (batchRelation === 'any') return pairs(all) / (labels.length * (labels.length - 1));
  if (batchRelation === 'same_batch') return pairs(byBoth) / pairs(byBatch);
  const cells = sum(withBatch, (n) => n);
  return (squares(withBatch) - squares(byBoth)) / (cells * cells - squares(byBatch));
}

function sum(counts: Map<unknown, number>, of: (n: number) => number): number {
  let total = 0;
  for (const n of counts.values()) total += of(n);
  return total;
}
