/** Exact statistics of all pairs of cells of a space, in one call: the main entry of this folder. See README.md. */
import type { Columns } from '../../data/kinds/types.ts';
import type { Distribution, measurePairsTable } from '../../data/results/tables.ts';
import type { Space } from '../spaces/space.ts';
import type { TileVisitor } from '../tiles/group-values.ts';
import { planTasks, splitGroups, type TaskLimits } from '../tiles/tasks.ts';
import type { CellTypes } from '../tiles/type-pairs.ts';
import { countPairs } from './count-pairs.ts';
import { planCounts } from './count-plan.ts';
import { describeDistribution, describeTypePairs } from './describe.ts';
import { mergeCounts } from './merged-counts.ts';
import type { PairCounts } from './pass.ts';
import { isEmptyRefinement, type MergedRefinement, mergeRefinements, refine } from './refinement.ts';
import { planRefinement } from './refinement-plan.ts';

export interface DescribedPairs {
  /** Mean and quantiles of each pair of types, by type_a and then type_b. */
  readonly pairs: Columns<typeof measurePairsTable>;
  /** Statistics of all pairs within types and of all between types, with AUROC. */
  readonly distribution: Distribution;
  /** Number of passes over the pairs: 1, and at most 2 refinements. */
  readonly passes: number;
}

export interface DescribeOptions {
  readonly signal?: AbortSignal;
  /** Limits that cut pairs into tasks. They change only the last bits of means. */
  readonly limits?: TaskLimits;
  /** First tasks of the parts of the first pass, ascending from 0; by default one part. Results do not depend on it. */
  readonly parts?: readonly number[];
  /** Returns the visitor of the tiles of a part of the first pass, given the number of the part. */
  readonly visitorOf?: (part: number) => TileVisitor | undefined;
}

/**
 * Describes all pairs of cells by their groups, in this thread. Stages that split the work among threads take the same
 * steps part by part: `planCounts`, `countPairs`, `mergeCounts`, then `planRefinement`, `refine` and `mergeRefinements`
 * until the plan is empty.
 *
 * @param types the rows of the space by cell type: a group is the pairs of two types, or of one
 */
export async function describePairs(
  space: Space,
  types: CellTypes,
  { signal, limits, parts = [0], visitorOf }: DescribeOptions = {},
): Promise<DescribedPairs> {
  const tasks = planTasks(types, limits);
  const runs = parts.map((from, i) => ({ from, to: parts[i + 1] ?? tasks.length }));
  const plan = await planCounts(space, types, splitGroups(tasks, runs));
  const counts: PairCounts[] = [];
  for (const [part, { from, to }] of runs.entries()) {
    const options = { signal, visitTile: visitorOf?.(part) };
    counts.push(await countPairs(space, types, tasks.slice(from, to), plan, options));
  }
  const merged = await mergeCounts(plan, counts);
  const refinements: MergedRefinement[] = [];
  for (;;) {
    const next = planRefinement(merged, refinements);
    if (isEmptyRefinement(next)) break;
    refinements.push(await mergeRefinements(next, [refine(space, types, tasks, next, { signal })]));
  }
  const size = { cells: space.rows, types: types.names.length, ...space.size };
  return {
    pairs: describeTypePairs(types.names, merged, refinements),
    distribution: describeDistribution(space.metric, size, merged, refinements),
    passes: 1 + refinements.length,
  };
}
