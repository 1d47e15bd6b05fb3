/**
 * Relations at cut-offs: two cells are related at c if their similarity is at least c, or their distance at most
 * c. Every pair is put into the bin of the strictest cut-off that it passes, for both of its cells, by whether it has
 * the same label and the same batch; what holds at each cut-off is summed up when all parts are together.
 */
import { dataError } from '../../errors.ts';
import { RelationKernel } from '../../kernels/relations.ts';
import { packCounts, unpackCounts } from '../quantiles/packed-counts.ts';
import { orientationOf } from '../spaces/metric.ts';
import type { Space, Tile, TileValues } from '../spaces/space.ts';

/** Kinds of pairs by batch. Without any batch all are `SAME`, and mean nothing. */
export const SAME = 0;
export const OTHER = 1;
/** At least one of the cells has no batch. */
export const UNKNOWN = 2;

/** The cells of a space in its order, by codes from 0; −1 is no batch. */
export interface CellGroups {
  readonly labels: Int32Array;
  /** Absent if no cell has a batch. */
  readonly batches?: Int32Array;
}

/** Codes of labels and batches, of the cells in this order. */
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

/** Kinds by batch that there are, counted apart; with labels twice as many classes of pairs. */
export function kindsOf({ batches }: CellGroups): 1 | 2 | 3 {
  if (batches === undefined) return 1;
  return batches.includes(-1) ? 3 : 2;
}

/** Length of the counts of a measure. */
export const countsLength = (grid: readonly number[], groups: CellGroups) =>
  groups.labels.length * grid.length * kindsOf(groups) * 2;

/** Counts of a measure that one thread, and the merge, has in memory: 512 MB. */
const MOST_COUNTS = 2 ** 27;

/** Refuses more cut-offs than there is memory for: every cell has counts of its own at each. */
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

/** Counts pairs by cell, cut-off and class. */
export class RelationCounts {
  readonly #kernel: RelationKernel;

  /** @param grid cut-offs, ascending, at least one; compared as 32-bit floats, as values are */
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
   * counts[(cell · cut-offs + cut-off) · classes + class], class = kinds · (other label) + kind. A view of where they were
   * counted: nothing can be added then.
   */
  takeCounts(): Uint32Array {
    return this.#kernel.takeCounts();
  }

  /** Adds the pairs of a tile of the space. */
  add(tile: Tile, { values, stride }: TileValues): void {
    this.#kernel.addTile({ ...tile, values, stride });
  }
}

/** What one part counts, as plain data. */
export interface Relations {
  readonly cutoffs: readonly number[];
  readonly packed: Uint8Array;
}

export const packRelations = (cutoffs: readonly number[], counts: RelationCounts): Relations => ({
  cutoffs,
  packed: packCounts(counts.takeCounts()),
});

/** The sum of the parts' counts, of an array of `length`; one part is in memory at a time. */
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
