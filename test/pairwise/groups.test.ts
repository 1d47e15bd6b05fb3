import assert from 'node:assert/strict';
import test from 'node:test';
import { pack, unpack } from '../../lib/data/kinds/packed.ts';
import type { Distribution } from '../../lib/data/results/tables.ts';
import { countPairs } from '../../lib/pairwise/quantiles/count-pairs.ts';
import { type CountPlan, planCounts } from '../../lib/pairwise/quantiles/count-plan.ts';
import { describeDistribution, describeTypePairs } from '../../lib/pairwise/quantiles/describe.ts';
import { mergeCounts } from '../../lib/pairwise/quantiles/merged-counts.ts';
import { MOST_REFINEMENTS } from '../../lib/pairwise/quantiles/plan-schemas.ts';
import {
  isEmptyRefinement,
  type MergedRefinement,
  mergeRefinements,
  refine,
} from '../../lib/pairwise/quantiles/refinement.ts';
import { planRefinement } from '../../lib/pairwise/quantiles/refinement-plan.ts';
import { valueGrid } from '../../lib/pairwise/quantiles/value-grid.ts';
import { METRICS, type Metric } from '../../lib/pairwise/spaces/metric.ts';
import { sparseSpace } from '../../lib/pairwise/spaces/sparse-space.ts';
import { planTasks, splitGroups, type TaskLimits } from '../../lib/pairwise/tiles/tasks.ts';
import { cellTypes } from '../../lib/pairwise/tiles/type-pairs.ts';
import { QUANTILES } from '../../lib/stats/quantiles.ts';
import { useKernels } from '../helpers/kernels.ts';
import * as oracle from './oracle.ts';

useKernels();

/** Ways to cut pairs of types into tasks, as only many cells would be. */
const CUTS: Record<string, TaskLimits> = {
  'one group a task': { batchPairs: 0 },
  'every group in pieces': { heldPairs: -1, piecePairs: 50 },
  'large groups in pieces': { heldPairs: 300, piecePairs: 200 },
};

/** Guesses that are wrong: quantiles are nowhere where they were expected, and bins as wide as can be. */
const WRONG: Record<string, (plan: CountPlan) => CountPlan> = {
  'nothing held': (plan) => ({ ...plan, within: [], between: [], split: plan.split.map(holdNothing) }),
  'few bins': (plan) => ({
    grid: valueGrid(-3, 5, 16),
    within: [[0, 1]],
    between: [[15, 16]],
    split: plan.split.map(holdNothing),
  }),
  'all in the last bin': (plan) => ({
    grid: valueGrid(-100, -99, 16),
    within: [],
    between: [],
    split: plan.split.map(holdNothing),
  }),
};
const holdNothing = ({ group }: { group: number }) => ({ group, ranges: [] });

/** How much is counted in 32 bits, held by a part, and kept by the merge. */
interface Most {
  readonly counted?: number;
  readonly held?: number;
  readonly kept?: number;
}

/** All passes, in three parts each, run from last to first. */
async function describe(
  rows: number[][],
  labels: string[],
  metric: Metric,
  limits: TaskLimits = {},
  change = (plan: CountPlan) => plan,
  most: Most = {},
) {
  const options = { mostCounted: most.counted, mostHeld: most.held };
  const types = cellTypes(labels);
  const space = await sparseSpace(oracle.toCsr(rows), metric, rows[0].length, types.order);
  const tasks = planTasks(types, limits);
  const bounds = [0, 1, Math.ceil(tasks.length / 2), tasks.length];
  const runs = [0, 1, 2].map((i) => ({ from: bounds[i], to: bounds[i + 1] }));
  const shares = runs.map(({ from, to }) => tasks.slice(from, to));
  const backwards = async <T>(make: (share: typeof tasks) => T | Promise<T>) => {
    const made: T[] = [];
    for (const share of shares.toReversed()) made.unshift(travel(await make(share)));
    return made;
  };
  const travel = <T>(value: T) => unpack(pack(value)) as T;
  const countPlan = change(travel(await planCounts(space, types, splitGroups(tasks, runs))));
  const found = await mergeCounts(
    countPlan,
    await backwards((share) => countPairs(space, types, share, countPlan, options)),
    most.kept,
  );
  const refinements: MergedRefinement[] = [];
  while (refinements.length < MOST_REFINEMENTS) {
    const plan = travel(planRefinement(found, refinements));
    if (isEmptyRefinement(plan)) break;
    refinements.push(
      await mergeRefinements(plan, await backwards((share) => refine(space, types, share, plan, options))),
    );
  }
  return {
    refinements: refinements.length,
    pairs: describeTypePairs(types.names, found, refinements),
    distribution: describeDistribution(
      metric,
      { cells: rows.length, types: types.names.length },
      found,
      refinements,
    ),
  };
}

/** Values within and between, and by pair of types, from the definitions, rounded to 32 bits. */
function expectedValues(rows: number[][], labels: string[], metric: Metric) {
  const groups = new Map<string, number[]>();
  const scopes = { within: [] as number[], between: [] as number[] };
  for (const [pair, value] of oracle.allPairs(metric, rows)) {
    if (Number.isNaN(value)) continue;
    const [a, b] = pair
      .split(',')
      .map((i) => labels[Number(i)])
      .sort();
    const key = `${a}|${b}`;
    groups.set(key, [...(groups.get(key) ?? []), value]);
    scopes[a === b ? 'within' : 'between'].push(value);
  }
  return { groups, ...scopes };
}

const near = (found: number | null, expected: number, what: string, scale = 1) =>
  assert.ok(
    found !== null && Math.abs(found - expected) <= 2e-7 * scale,
    `${what}: ${found}, expected ${expected}`,
  );

function assertSummary(found: Distribution['within'], values: number[], what: string, scale: number): void {
  assert.equal(found.n, values.length, what);
  const names = ['q05', 'q25', 'median', 'q75', 'q95'] as const;
  if (values.length === 0) {
    for (const name of [...names, 'min', 'max', 'mean'] as const) assert.equal(found[name], null);
    return;
  }
  for (const [i, name] of names.entries())
    near(found[name], oracle.quantile(values, QUANTILES[i]), `${what} ${name}`, scale);
  near(found.min, Math.min(...values), `${what} min`, scale);
  near(found.max, Math.max(...values), `${what} max`, scale);
  near(found.mean, values.reduce((a, b) => a + b, 0) / values.length, `${what} mean`, scale);
}

/** Compares all that is said with the definitions. */
async function assertDescribed(
  rows: number[][],
  labels: string[],
  metric: Metric,
  limits: TaskLimits,
  change?: (plan: CountPlan) => CountPlan,
): Promise<void> {
  const { pairs, distribution } = await describe(rows, labels, metric, limits, change);
  const expected = expectedValues(rows, labels, metric);
  const names = [...new Set(labels)].sort();
  assert.deepEqual(
    pairs.type_a.map((a, i) => `${a}|${pairs.type_b[i]}`),
    names.flatMap((a, i) => names.slice(i).map((b) => `${a}|${b}`)),
  );
  const scale = metric === 'euclidean' ? 100 : 1;
  for (let i = 0; i < pairs.type_a.length; i++) {
    const key = `${pairs.type_a[i]}|${pairs.type_b[i]}`;
    const values = expected.groups.get(key) ?? [];
    assert.equal(pairs.within[i], pairs.type_a[i] === pairs.type_b[i]);
    assert.equal(pairs.n_pairs[i], values.length, key);
    const columns = [pairs.q05, pairs.q25, pairs.median, pairs.q75, pairs.q95];
    for (const [q, column] of columns.entries()) {
      if (values.length === 0) assert.ok(Number.isNaN(column[i]), key);
      else near(column[i], oracle.quantile(values, QUANTILES[q]), `${key} ${QUANTILES[q]}`, scale);
    }
    if (values.length > 0)
      near(pairs.mean[i], values.reduce((a, b) => a + b, 0) / values.length, `${key} mean`, scale);
  }
  assertSummary(distribution.within, expected.within, 'within', scale);
  assertSummary(distribution.between, expected.between, 'between', scale);
  const { edges, within, between } = distribution.histogram;
  assert.equal(edges.length, 101);
  assert.equal(
    within.reduce((a, b) => a + b),
    expected.within.length,
  );
  assert.equal(
    between.reduce((a, b) => a + b),
    expected.between.length,
  );
  if (expected.within.length === 0 || expected.between.length === 0) {
    assert.equal(distribution.auroc, null);
    assert.equal(distribution.cliffs_delta, null);
    return;
  }
  // Rounded to 32 bits, as the values are: else ties are not ties.
  const [x, y] = [expected.within, expected.between].map((values) => values.map(Math.fround));
  const truth = metric === 'euclidean' ? oracle.probabilityAbove(y, x) : oracle.probabilityAbove(x, y);
  const { auroc, auroc_error_bound: bound, cliffs_delta: delta } = distribution;
  assert.ok(bound !== null && bound <= (change === undefined ? 1e-6 : 1e-2), `bound ${bound}`);
  assert.ok(Math.abs(auroc! - truth) <= bound + 4e-6, `AUROC ${auroc}, ${truth} ± ${bound}`);
  near(delta, 2 * auroc! - 1, "Cliff's delta");
}

const types = (...sizes: number[]) => sizes.flatMap((n, t) => new Array<string>(n).fill(`type ${t}`));

/** Labels in an order that is not sorted by type. */
const spread = (labels: string[]) => labels.map((_, i) => labels[(i * 7) % labels.length]);

const DATA: Record<string, [rows: number[][], labels: string[]]> = {
  'types of several sizes': [oracle.randomRows(1, 61, 40, 0.3), spread(types(30, 1, 20, 10))],
  'one type': [oracle.randomRows(2, 20, 30, 0.4), types(20)],
  'one cell': [oracle.randomRows(3, 1, 30, 0.4), types(1)],
  'types of one cell': [oracle.randomRows(4, 5, 30, 0.4), types(1, 1, 1, 1, 1)],
  'two cells of one type': [oracle.randomRows(5, 2, 30, 0.4), types(2)],
  'cells that are all alike': [new Array(12).fill([0, 1, 2, 3, 0]), types(5, 7)],
  'constant and empty cells': [
    [
      ...oracle.randomRows(6, 20, 12, 0.6),
      new Array(12).fill(0),
      new Array(12).fill(2),
      new Array(12).fill(0),
    ],
    spread(types(10, 10, 3)),
  ],
  'a type without a single value': [
    [...oracle.randomRows(7, 10, 12, 0.9), new Array(12).fill(0), new Array(12).fill(0)],
    types(10, 2),
  ],
};

for (const [name, [rows, labels]] of Object.entries(DATA)) {
  test(`groups and distributions follow the definitions: ${name}`, async () => {
    for (const metric of METRICS) await assertDescribed(rows, labels, metric, {});
    for (const limits of Object.values(CUTS)) await assertDescribed(rows, labels, 'spearman', limits);
  });
}

test('groups hold the same numbers however they are cut', async () => {
  const [rows, labels] = DATA['types of several sizes'];
  const whole = await describe(rows, labels, 'pearson');
  for (const [name, limits] of Object.entries(CUTS)) {
    const { pairs, distribution } = await describe(rows, labels, 'pearson', limits);
    // Sums, and so means, depend on the order of addition; all else does not.
    for (const [i, mean] of pairs.mean.entries()) {
      if (Number.isNaN(mean)) assert.ok(Number.isNaN(whole.pairs.mean[i]));
      else near(mean, whole.pairs.mean[i], 'mean', 1e-6);
    }
    assert.deepEqual({ ...pairs, mean: 0 }, { ...whole.pairs, mean: 0 }, name);
    assert.deepEqual(distribution.histogram, whole.distribution.histogram);
    assert.equal(distribution.auroc, whole.distribution.auroc);
  }
});

for (const [name, change] of Object.entries(WRONG)) {
  test(`a wrong guess costs passes and changes nothing: ${name}`, async () => {
    for (const [rows, labels] of Object.values(DATA)) {
      for (const metric of METRICS) await assertDescribed(rows, labels, metric, {}, change);
      await assertDescribed(rows, labels, 'pearson', CUTS['every group in pieces'], change);
    }
    const [rows, labels] = DATA['types of several sizes'];
    const { refinements, pairs, distribution } = await describe(rows, labels, 'pearson', {}, change);
    assert.ok(refinements > 0);
    const right = await describe(rows, labels, 'pearson');
    assert.deepEqual(pairs, right.pairs);
    assert.deepEqual(distribution.within, right.distribution.within);
    assert.deepEqual(distribution.between, right.distribution.between);
  });
}

for (const [name, most] of Object.entries<Most>({
  'nothing held': { held: 0 },
  'a few values held': { held: 40 },
  'nothing kept': { kept: 0 },
  'some kept, some read again': { kept: 60 },
  'counts taken out of 32 bits before every tile': { counted: 0 },
  'counts taken out now and then': { counted: 700 },
  'all of it': { held: 30, kept: 10, counted: 200 },
})) {
  test(`bounds of memory change no number: ${name}`, async () => {
    for (const data of ['types of several sizes', 'cells that are all alike']) {
      const [rows, labels] = DATA[data];
      for (const limits of [{}, CUTS['every group in pieces'], CUTS['large groups in pieces']]) {
        const bound = await describe(rows, labels, 'pearson', limits, undefined, most);
        const free = await describe(rows, labels, 'pearson', limits);
        assert.deepEqual(bound.pairs, free.pairs, data);
        // A refinement of the bins of quantiles may tell AUROC more closely than asked for.
        const { auroc, auroc_error_bound: error, cliffs_delta: _, ...rest } = bound.distribution;
        const {
          auroc: exact,
          auroc_error_bound: freeError,
          cliffs_delta: __,
          ...freeRest
        } = free.distribution;
        assert.deepEqual(rest, freeRest, data);
        assert.ok(Math.abs(auroc! - exact!) <= error! + freeError!, data);
      }
    }
  });
}

test('tasks hold every pair once, whatever the sizes', () => {
  for (const sizes of [[1], [3, 0, 5], [40, 1, 1, 30, 2], [100]]) {
    const starts = [0];
    for (const size of sizes) starts.push(starts[starts.length - 1] + size);
    const n = starts[starts.length - 1];
    for (const limits of [{}, ...Object.values(CUTS)]) {
      const tasks = planTasks({ starts }, limits);
      const seen = new Set<string>();
      let pairs = 0;
      for (const task of tasks) {
        pairs += task.pairs;
        for (let i = task.rowStart; i < task.rowEnd; i++) {
          for (let j = Math.max(i + 1, starts[task.b]); j < starts[task.b + 1]; j++) {
            assert.ok(!seen.has(`${i},${j}`));
            seen.add(`${i},${j}`);
          }
        }
      }
      assert.equal(seen.size, (n * (n - 1)) / 2);
      assert.equal(pairs, seen.size);
    }
  }
});
