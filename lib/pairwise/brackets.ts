/**
 * What the pass over all pairs is to keep: where the quantiles of large sets of pairs will lie. Told from a share of
 * the pairs, so that one pass both counts everything and holds the few values that each quantile is among. That is
 * a guess which the counts then prove or refute: nothing that is said of the pairs depends on it.
 */
import { LINE } from '../kernels/counts.ts';
import { SampleCounter, type SampleCounts } from '../kernels/sample-counts.ts';
import { orientationOf } from './metric.ts';
import { QUANTILES } from './quantiles.ts';
import type { Space, Tile, TileValues } from './space.ts';
import { groupPairs, largeGroups } from './tasks.ts';
import { type CellTypes, groupCount, groupOf } from './type-pairs.ts';
import { type BinRanges, binOf, binsFor, mergeRanges, type ValueGrid, valueGrid } from './value-grid.ts';

/** What the first pass is told. Plain data. */
export type SurveyPlan = {
  readonly grid: ValueGrid;
  /** Bins whose values are held, of pairs within types and between them. */
  readonly within: BinRanges;
  readonly between: BinRanges;
  /** The same for each pair of types that has too many pairs to be held at once. */
  readonly large: readonly { readonly group: number; readonly ranges: BinRanges }[];
};

/** Blocks of the sample: so low that cells of all pairs of types are met alike. */
const BLOCK_ROWS = 16;
const BLOCK_COLUMNS = 32;
/** Values of a row of a block, as a space may lay it. */
const BLOCK_STRIDE = 64;
/** So many pairs are all looked at; of more a share. */
const FEW_PAIRS = 1 << 22;
const SAMPLE_PAIRS = 1 << 21;
const LEAST_SHARE = 1 / 128;
/** The range is taken from every so many-th block of the sample, and made wider by this share at both ends. */
const RANGE_STEP = 16;
const MARGIN = 0.15;

/**
 * Half the width of a bracket, in standard errors of a share; pairs of a block are alike, so many count as one.
 * Too narrow a bracket costs a second pass; all of them together hold some 1 % of the values.
 */
const ERRORS = 4;
const ALIKE = 4;
/** A sample of fewer says too little. */
const FEWEST = 2000;

interface Block {
  readonly rowStart: number;
  readonly columnStart: number;
}

export async function planSurvey(
  space: Space,
  types: CellTypes,
  large = largeGroups(types),
): Promise<SurveyPlan> {
  const pairs = (space.rows * (space.rows - 1)) / 2;
  const every = pairs <= FEW_PAIRS ? 1 : Math.ceil(pairs / Math.max(SAMPLE_PAIRS, pairs * LEAST_SHARE));
  const typeOf = new Int32Array(space.rows);
  for (let t = 0; t < types.names.length; t++) typeOf.fill(t, types.starts[t], types.starts[t + 1]);
  const grid = valueGrid(...rangeOf(space, every, typeOf), binsFor(pairs));
  const lines = linesOf(grid);
  const weights = groupWeights(space.rows, every, types, typeOf);
  const counted = typeOf.map((type, row) => (space.defined[row] === 1 ? type : -1));
  const counter = await SampleCounter.create(lines, counted, weights, BLOCK_ROWS * BLOCK_STRIDE);
  const own = new Map(large.map((group) => [group, { n: 0, counts: new Float64Array(lines.bins) }]));
  for (const { rowStart, columnStart } of blocks(space.rows, every)) {
    const tile = tileOf(space, { rowStart, columnStart });
    const values = space.tile(tile);
    counter.add(tile, values);
    if (own.size === 0) continue;
    visitRuns(space, tile, values, typeOf, (run, a, b) => {
      const sample = own.get(groupOf(a, b));
      if (sample !== undefined) addRun(sample, lines, run, weights[groupOf(a, b)]);
    });
  }
  const bracketsOf = (sample: SampleCounts) => brackets(sample, every === 1);
  return {
    grid,
    within: bracketsOf(counter.within),
    between: bracketsOf(counter.between),
    large: large.map((group) => ({ group, ranges: bracketsOf(own.get(group)!) })),
  };
}

/** For each pair of types: how many of its pairs stand behind one of the sample, so that all weigh what they should. */
function groupWeights(rows: number, every: number, types: CellTypes, typeOf: Int32Array): Float64Array {
  const sampled = new Float64Array(groupCount(types));
  for (const { rowStart, columnStart } of blocks(rows, every)) {
    const columnEnd = Math.min(rows, columnStart + BLOCK_COLUMNS);
    for (let row = rowStart; row < Math.min(rows, rowStart + BLOCK_ROWS); row++) {
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

/** Every `every`-th block of the pairs i < j, on a lattice: each cell is in nearly as many as any other. */
function* blocks(rows: number, every: number): Generator<Block> {
  let slope = Math.ceil(every * 0.618);
  // Without a common divisor, or some rows were never met.
  while (commonDivisor(slope, every) > 1) slope++;
  const rowBlocks = Math.ceil(rows / BLOCK_ROWS);
  for (let j = 0; j * BLOCK_COLUMNS < rows; j++) {
    const columnStart = j * BLOCK_COLUMNS;
    for (let i = (j * slope) % every; i < rowBlocks; i += every) {
      const rowStart = i * BLOCK_ROWS;
      if (rowStart + 1 >= columnStart + BLOCK_COLUMNS) break;
      yield { rowStart, columnStart };
    }
  }
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** Values [from, to): of one row with some columns of one type. */
interface Run {
  readonly values: Float32Array;
  readonly from: number;
  readonly to: number;
}

/**
 * The grid of lines: the sample tells places less finely than bins are, and these counts stay in a core's own cache.
 */
const linesOf = ({ lo, scale, bins }: ValueGrid): ValueGrid => ({
  lo,
  scale: scale / LINE,
  bins: bins / LINE,
});

const tileOf = ({ rows }: Space, { rowStart, columnStart }: Block): Tile => ({
  rowStart,
  rowEnd: Math.min(rows, rowStart + BLOCK_ROWS),
  columnStart,
  columnEnd: Math.min(rows, columnStart + BLOCK_COLUMNS),
});

/** Told of the pairs of a tile whose cells are defined, by runs of one type of row a ≤ one type of column b. */
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

/** The range of the sample's values: exact if all pairs are in it, else with margins. */
function rangeOf(space: Space, every: number, typeOf: Int32Array): [min: number, max: number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let nth = 0;
  for (const block of blocks(space.rows, every)) {
    if (every > 1 && nth++ % RANGE_STEP !== 0) continue;
    const tile = tileOf(space, block);
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

/** Bins, by lines of them, that hold all quantiles of what is sampled; no more lines if the sample is all there is. */
function brackets({ n, counts }: SampleCounts, exact: boolean): BinRanges {
  if (n === 0) return [];
  if (!exact && n < FEWEST) return [[0, counts.length * LINE]];
  let total = 0;
  for (const count of counts) total += count;
  // Of all pairs, weights are 1, and places are what they are among them.
  const last = exact ? n - 1 : total;
  const ranges = QUANTILES.map((p) => {
    const half = exact ? 0 : ERRORS * Math.sqrt((p * (1 - p) * ALIKE) / n);
    const low = last * Math.max(0, p - half);
    const high = last * Math.min(1, p + half);
    return [
      binAt(counts, exact ? Math.floor(low) : low),
      binAt(counts, exact ? Math.ceil(high) : high) + 1,
    ] as const;
  });
  return mergeRanges(ranges.map(([from, to]) => [from * LINE, to * LINE] as const));
}

/** The bin of the value with so much before it. */
function binAt(counts: Float64Array, before: number): number {
  let below = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    below += counts[bin];
    if (before < below) return bin;
  }
  return counts.length - 1;
}
