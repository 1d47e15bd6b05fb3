/**
 * Plan of the values that the pass over all pairs holds: the bins where the quantiles of large sets of pairs are
 * expected, estimated from a sample of the pairs. One pass can then both count everything and hold the few values that
 * each quantile is among. The counts confirm or refute the estimate, so no result depends on it.
 */
import { SampleCounter, type SampleCounts } from '../../kernels/sample-counts.ts';
import { orientationOf } from '../spaces/metric.ts';
import type { Space, Tile, TileValues } from '../spaces/space.ts';
import { BLOCK_ROWS, BLOCK_STRIDE, sampleBlocks, wholeArea } from '../tiles/sample-blocks.ts';
import { groupPairs } from '../tiles/tasks.ts';
import { type CellTypes, groupCount, groupOf } from '../tiles/type-pairs.ts';
import { linesOf, quantileRanges } from './quantile-ranges.ts';
import { type BinRanges, binOf, binsFor, type ValueGrid, valueGrid } from './value-grid.ts';

/** Input of the first pass, as plain data. */
export type CountPlan = {
  readonly grid: ValueGrid;
  /** Bins whose values are held, of pairs within types and between them. */
  readonly within: BinRanges;
  readonly between: BinRanges;
  /** Bins whose values are held, for each group (a pair of types) that several parts share. */
  readonly split: readonly { readonly group: number; readonly ranges: BinRanges }[];
};

/** Largest number of pairs that are all sampled; of more pairs a share is sampled, up to what 32 bits can count. */
const FEW_PAIRS = 1 << 22;
const SAMPLE_PAIRS = 1 << 21;
const LEAST_SHARE = 1 / 128;
const MOST_SAMPLED = 2 ** 31;
/** The range of values is that of every `RANGE_STEP`-th block of the sample, widened by the share `MARGIN` at both ends. */
const RANGE_STEP = 16;
const MARGIN = 0.15;

/** Returns the sampling step: one pair in so many is sampled. */
export function sampleStep(pairs: number): number {
  if (pairs <= FEW_PAIRS) return 1;
  return Math.ceil(pairs / Math.min(MOST_SAMPLED, Math.max(SAMPLE_PAIRS, pairs * LEAST_SHARE)));
}

/**
 * Plans the first pass from a sample of the pairs: the grid of bins, and the bins whose values are held.
 *
 * @param split groups whose pairs are in several parts: `splitGroups`
 */
export async function planCounts(
  space: Space,
  types: CellTypes,
  split: readonly number[],
): Promise<CountPlan> {
  const pairs = (space.rows * (space.rows - 1)) / 2;
  const every = sampleStep(pairs);
  const typeOf = new Int32Array(space.rows);
  for (let t = 0; t < types.names.length; t++) typeOf.fill(t, types.starts[t], types.starts[t + 1]);
  const grid = valueGrid(...rangeOf(space, every, typeOf), binsFor(pairs));
  const lines = linesOf(grid);
  const weights = groupWeights(space, every, types, typeOf);
  const counted = typeOf.map((type, row) => (space.defined[row] === 1 ? type : -1));
  const counter = await SampleCounter.create(lines, counted, weights, BLOCK_ROWS * BLOCK_STRIDE);
  const own = new Map(split.map((group) => [group, { n: 0, counts: new Float64Array(lines.bins) }]));
  for (const tile of sampleBlocks(wholeArea(space), every)) {
    const values = space.tile(tile);
    counter.add(tile, values);
    if (own.size === 0) continue;
    visitRuns(space, tile, values, typeOf, (run, a, b) => {
      const sample = own.get(groupOf(a, b));
      if (sample !== undefined) addRun(sample, lines, run, weights[groupOf(a, b)]);
    });
  }
  const rangesOf = (sample: SampleCounts) => quantileRanges(sample, every === 1);
  return {
    grid,
    within: rangesOf(counter.within),
    between: rangesOf(counter.between),
    split: split.map((group) => ({ group, ranges: rangesOf(own.get(group)!) })),
  };
}

/** Returns the weight of a sampled pair by group: the number of pairs of the group per sampled pair. */
function groupWeights(space: Space, every: number, types: CellTypes, typeOf: Int32Array): Float64Array {
  const sampled = new Float64Array(groupCount(types));
  for (const { rowStart, rowEnd, columnStart, columnEnd } of sampleBlocks(wholeArea(space), every)) {
    for (let row = rowStart; row < rowEnd; row++) {
      for (let column = Math.max(columnStart, row + 1); column < columnEnd; ) {
        const type = typeOf[column];
        const end = Math.min(columnEnd, types.starts[type + 1]);
        sampled[groupOf(typeOf[row], type)] += end - column;
        column = end;
      }
    }
  }
  for (let b = 0; b < types.names.length; b++) {
    for (let a = 0; a <= b; a++) {
      const group = groupOf(a, b);
      if (sampled[group] > 0) sampled[group] = groupPairs(types, a, b) / sampled[group];
    }
  }
  return sampled;
}

/** Run of values: places [from, to) of one row, with columns of one type. */
interface Run {
  readonly values: Float32Array;
  readonly from: number;
  readonly to: number;
}

/** Visits the pairs of a tile whose cells are defined, by runs of one row type a and one column type b, a ≤ b. */
function visitRuns(
  space: Space,
  { rowStart, rowEnd, columnStart, columnEnd }: Tile,
  { values, stride }: TileValues,
  typeOf: Int32Array,
  visit: (run: Run, a: number, b: number) => void,
): void {
  for (let row = rowStart; row < rowEnd; row++) {
    if (space.defined[row] === 0) continue;
    const at = (row - rowStart) * stride - columnStart;
    for (let column = Math.max(columnStart, row + 1); column < columnEnd; ) {
      const first = column;
      const type = typeOf[column];
      while (column < columnEnd && typeOf[column] === type && space.defined[column] === 1) column++;
      if (column > first) visit({ values, from: at + first, to: at + column }, typeOf[row], type);
      else column++;
    }
  }
}

function addRun(
  sample: { n: number; counts: Float64Array },
  grid: ValueGrid,
  { values, from, to }: Run,
  weight: number,
): void {
  for (let i = from; i < to; i++) {
    if (Number.isNaN(values[i])) continue;
    sample.n++;
    sample.counts[binOf(grid, values[i])] += weight;
  }
}

/** Returns the range of the sample's values: exact if the sample is all pairs, else with margins. */
function rangeOf(space: Space, every: number, typeOf: Int32Array): [min: number, max: number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let nth = 0;
  for (const tile of sampleBlocks(wholeArea(space), every)) {
    if (every > 1 && nth++ % RANGE_STEP !== 0) continue;
    visitRuns(space, tile, space.tile(tile), typeOf, ({ values, from, to }) => {
      for (let i = from; i < to; i++) {
        if (values[i] < min) min = values[i];
        if (values[i] > max) max = values[i];
      }
    });
  }
  if (every === 1 || !(min < max)) return [min, max];
  const margin = (max - min) * MARGIN;
  const distance = orientationOf(space.metric) === 'distance';
  return [Math.max(min - margin, distance ? 0 : -1), distance ? max + margin : Math.min(max + margin, 1)];
}
