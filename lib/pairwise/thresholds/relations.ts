/**
 * Relations at cut-offs: two cells are related at c if their similarity is at least c, or their distance at most c.
 * Every pair is counted for both of its cells in the bin of the strictest cut-off that it passes, by whether its cells
 * have the same label and the same batch. Totals at each cut-off are accumulated after all parts are merged.
 */
import { dataError } from '../../errors.ts';
import { RelationKernel } from '../../kernels/relations.ts';
import { packCounts, unpackCounts } from '../quantiles/packed-counts.ts';
import { orientationOf } from '../spaces/metric.ts';
import type { Space, Tile, TileValues } from '../spaces/space.ts';

/** Kinds of pairs by batch. If no cell has a batch, all pairs are `SAME`, which then has no meaning. */
export const SAME = 0;
export const OTHER = 1;
/** Kind of a pair of which at least one cell has no batch. */
export const UNKNOWN = 2;

/** Labels and batches of the cells of a space, in its order, as codes from 0; −1 is no batch. */
export interface CellGroups {
  readonly labels: Int32Array;
  /** Batch codes; absent if no cell has a batch. */
  readonly batches?: Int32Array;
}

/** Encodes labels and batches of the cells `order`. */
export function cellGroups(
  labels: readonly string[],
  batches: readonly (string | null)[],
  order: Int32Array,
): CellGroups {
  const inOrder = (names: readonly (string | null)[]) => {
    const codes = new Map<string | null, number>([[null, -1]]);
    const found = new Int32Array(order.length);
    for (let i = 0; i < order.length; i++) {
      const name = names[order[i]];
      let code = codes.get(name);
      if (code === undefined) {
        code = codes.size - 1;
        codes.set(name, code);
      }
      found[i] = code;
    }
    return found;
  };
  const found = inOrder(batches);
  return { labels: inOrder(labels), batches: found.some((code) => code >= 0) ? found : undefined };
}

/** Returns the number of kinds by batch that are counted separately; with labels there are twice as many classes of pairs. */
export function kindsOf({ batches }: CellGroups): 1 | 2 | 3 {
  if (batches === undefined) return 1;
  return batches.includes(-1) ? 3 : 2;
}

/** Length of the array of counts of a measure. */
export const countsLength = (grid: readonly number[], groups: CellGroups) =>
  groups.labels.length * grid.length * kindsOf(groups) * 2;

/** Largest number of counts of a measure, 512 MB, which each thread and the merge have in memory. */
const MOST_COUNTS = 2 ** 27;

/** Throws a data error if there are more cut-offs than memory allows: every cell has its own counts at each. */
export function checkCutoffs(cutoffs: readonly number[], groups: CellGroups, mostCounts = MOST_COUNTS): void {
  const ofOne = groups.labels.length * kindsOf(groups) * 2;
  if (cutoffs.length * ofOne <= mostCounts) return;
  const most = Math.floor(mostCounts / ofOne);
  throw dataError(`${cutoffs.length} cut-offs are too many for ${groups.labels.length} cells`, {
    expected:
      most === 0 ? 'no cut-offs: "cutoffs": []' : `at most ${most}, since all cells are counted at each`,
    hint: 'give the measure fewer `cutoffs`, or [] for none; or sample fewer cells (`subset.cellsPerType`)',
  });
}

/** Counter of pairs by cell, cut-off and class. */
export class RelationCounts {
  readonly #kernel: RelationKernel;

  /** @param grid cut-offs, ascending, at least one; compared as 32-bit floats, like values */
  static async create(
    space: Pick<Space, 'metric' | 'defined' | 'shared'>,
    grid: readonly number[],
    groups: CellGroups,
  ): Promise<RelationCounts> {
    const { metric, defined, shared } = space;
    const distance = orientationOf(metric) === 'distance';
    const options = { ...groups, cutoffs: grid, distance, defined, kinds: kindsOf(groups) };
    return new RelationCounts(await RelationKernel.create(options, shared?.kernelRows));
  }

  private constructor(kernel: RelationKernel) {
    this.#kernel = kernel;
  }

  /**
   * Returns counts[(cell · cut-offs + cut-off) · classes + class], class = kinds · (other label) + kind. They are a view
   * of the kernel's memory; nothing can be added afterwards.
   */
  takeCounts(): Uint32Array {
    return this.#kernel.takeCounts();
  }

  /** Adds the pairs of a tile of the space. */
  add(tile: Tile, { values, stride }: TileValues): void {
    this.#kernel.addTile({ ...tile, values, stride });
  }
}

/** Counts of one part, packed. */
export interface Relations {
  readonly cutoffs: readonly number[];
  readonly packed: Uint8Array;
}

export const packRelations = (cutoffs: readonly number[], counts: RelationCounts): Relations => ({
  cutoffs,
  packed: packCounts(counts.takeCounts()),
});

/** Sums the counts of parts into an array of `length`; one part is in memory at a time. */
export async function mergeRelations(
  parts: Iterable<Relations> | AsyncIterable<Relations>,
  length: number,
): Promise<Uint32Array> {
  const sums = new Uint32Array(length);
  for await (const { packed } of parts) {
    unpackCounts(packed, length, (i, count) => {
      sums[i] += count;
    });
  }
  return sums;
}
