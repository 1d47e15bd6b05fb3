/**
 * What the pass over all pairs is to keep: where the quantiles of large sets of pairs will lie. Told from a share of
 * the pairs, so that one pass both counts everything and holds the few values that each quantile is among. That is
 * a guess which the counts then prove or refute: nothing that is said of the pairs depends on it.
 */
import { orientationOf } from './metric.ts';
import { QUANTILES } from './quantiles.ts';
import type { Space } from './space.ts';
import { largeGroups } from './tasks.ts';
import { type CellTypes, groupOf } from './type-pairs.ts';
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
/** So many pairs are all looked at; of more a share. */
const FEW_PAIRS = 1 << 22;
const SAMPLE_PAIRS = 1 << 24;
const LEAST_SHARE = 1 / 48;
/** The range is taken from every so many-th block of the sample, and made wider by this share at both ends. */
const RANGE_STEP = 16;
const MARGIN = 0.15;

/**
 * Half the width of a bracket, in standard errors of a share; pairs of a block are alike, so many count as one.
 * Too narrow a bracket costs a second pass; all of them together hold some 1 % of the values.
 */
const ERRORS = 4;
const ALIKE = 16;
/** A sample of fewer says too little. */
const FEWEST = 2000;

interface Block {
  readonly rowStart: number;
  readonly columnStart: number;
}

export function planSurvey(space: Space, types: CellTypes, large = largeGroups(types)): SurveyPlan {
  const pairs = (space.rows * (space.rows - 1)) / 2;
  const every = pairs <= FEW_PAIRS ? 1 : Math.ceil(pairs / Math.max(SAMPLE_PAIRS, pairs * LEAST_SHARE));
  const grid = valueGrid(...rangeOf(space, every), binsFor(pairs));
  const typeOf = new Int32Array(space.rows);
  for (let t = 0; t < types.names.length; t++) typeOf.fill(t, types.starts[t], types.starts[t + 1]);
  const newCounts = () => new Uint32Array(grid.bins);
  const within = newCounts();
  const between = newCounts();
  const own = new Map(large.map((group) => [group, newCounts()]));
  for (const block of blocks(space.rows, every)) {
    visitBlock(space, block, (value, row, column) => {
      const bin = binOf(grid, value);
      (typeOf[row] === typeOf[column] ? within : between)[bin]++;
      if (own.size === 0) return;
      const counts = own.get(groupOf(typeOf[row], typeOf[column]));
      if (counts !== undefined) counts[bin]++;
    });
  }
  const bracketsOf = (counts: Uint32Array) => brackets(counts, every === 1);
  return {
    grid,
    within: bracketsOf(within),
    between: bracketsOf(between),
    large: large.map((group) => ({ group, ranges: bracketsOf(own.get(group)!) })),
  };
}

/** Every `every`-th block of the pairs i < j, on a lattice: each cell is in nearly as many as any other. */
function* blocks(rows: number, every: number): Generator<Block> {
  const slope = Math.max(1, Math.round(every * 0.618));
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

function visitBlock(
  space: Space,
  { rowStart, columnStart }: Block,
  visit: (value: number, row: number, column: number) => void,
): void {
  const rowEnd = Math.min(space.rows, rowStart + BLOCK_ROWS);
  const columnEnd = Math.min(space.rows, columnStart + BLOCK_COLUMNS);
  const { values, stride } = space.tile({ rowStart, rowEnd, columnStart, columnEnd });
  for (let row = rowStart; row < rowEnd; row++) {
    const at = (row - rowStart) * stride - columnStart;
    for (let column = Math.max(columnStart, row + 1); column < columnEnd; column++) {
      if ((space.defined[row] & space.defined[column]) === 0) continue;
      const value = values[at + column];
      if (!Number.isNaN(value)) visit(value, row, column);
    }
  }
}

/** The range of the sample's values: exact if all pairs are in it, else with margins. */
function rangeOf(space: Space, every: number): [min: number, max: number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let nth = 0;
  for (const block of blocks(space.rows, every)) {
    if (every > 1 && nth++ % RANGE_STEP !== 0) continue;
    visitBlock(space, block, (value) => {
      if (value < min) min = value;
      if (value > max) max = value;
    });
  }
  if (every === 1 || !(min < max)) return [min, max];
  const margin = (max - min) * MARGIN;
  const distance = orientationOf(space.metric) === 'distance';
  return [Math.max(min - margin, distance ? 0 : -1), distance ? max + margin : Math.min(max + margin, 1)];
}

/** Bins that hold all quantiles of what the counts are a sample of, or of what they count themselves. */
function brackets(counts: Uint32Array, exact: boolean): BinRanges {
  let n = 0;
  for (const count of counts) n += count;
  if (n === 0) return [];
  if (!exact && n < FEWEST) return [[0, counts.length]];
  const ranges = QUANTILES.map((p) => {
    const half = exact ? 0 : ERRORS * Math.sqrt((p * (1 - p) * ALIKE) / n);
    const low = Math.floor((n - 1) * Math.max(0, p - half));
    const high = Math.ceil((n - 1) * Math.min(1, p + half));
    return [binAt(counts, low), binAt(counts, high) + 1] as const;
  });
  return mergeRanges(ranges);
}

/** The bin of the value with so many before it. */
function binAt(counts: Uint32Array, rank: number): number {
  let below = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    below += counts[bin];
    if (rank < below) return bin;
  }
  return counts.length - 1;
}
