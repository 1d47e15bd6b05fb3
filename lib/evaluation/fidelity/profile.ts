/** Profile of a subject: everything that the comparison needs, a few numbers per cell and per pair of types. */
import { pack, unpack } from '../../data/kinds/packed.ts';
import type { Columns, FilesInput, FilesOutput } from '../../data/kinds/types.ts';
import type { measurePairsTable } from '../../data/results/tables.ts';
import type { CountPlan } from '../../pairwise/quantiles/count-plan.ts';
import { type CellTypes, groupOf } from '../../pairwise/tiles/type-pairs.ts';
import { CELL_SUMS, groupSumsOf, type PackedSums, type PairSums } from './pair-sums.ts';
import type { View } from './view.ts';

export interface ViewProfile {
  readonly view: View;
  /** AUROC of pairs within types against pairs between types; null if there are none of either. */
  readonly auroc: number | null;
  /** Medians of all pairs of types a ≤ b, by a and then b, types by name; NaN where no pair has a value. */
  readonly medians: Float64Array;
  /** Type of each cell in this view, as its place among the sorted names. */
  readonly types: Int32Array;
  /** Sums by cell, cells × CELL_SUMS. */
  readonly cells: Float64Array;
  /** Sums by group, groups × `groupSumsOf` the number of types. */
  readonly groups: Float64Array;
  /** Neighbours, cells × k; −1 in free places at the end. */
  readonly neighbors: Int32Array;
  readonly k: number;
}

/** Assembles the profile of a view; arrays are reordered from positions to cells. */
export function profileOf(
  view: View,
  types: CellTypes,
  auroc: number | null,
  pairs: Columns<typeof measurePairsTable>,
  sums: PairSums,
): ViewProfile {
  const { order, starts, names } = types;
  const { k, indices } = sums.nearest;
  const typeOf = new Int32Array(order.length);
  const cells = new Float64Array(order.length * CELL_SUMS);
  const neighbors = new Int32Array(order.length * k);
  for (let t = 0; t < names.length; t++) {
    for (let position = starts[t]; position < starts[t + 1]; position++) {
      const cell = order[position];
      typeOf[cell] = t;
      cells.set(sums.cells.subarray(position * CELL_SUMS, (position + 1) * CELL_SUMS), cell * CELL_SUMS);
      neighbors.set(indices.subarray(position * k, (position + 1) * k), cell * k);
    }
  }
  return { view, auroc, medians: pairs.median, types: typeOf, cells, groups: sums.groups, neighbors, k };
}

/** Writes the profile of view number `i` of a subject. */
export async function writeProfile(output: FilesOutput, i: number, view: ViewProfile): Promise<void> {
  await output.write(String(i), pack(view));
}

/** Reads the views of a subject, one at a time. */
export async function* readProfile(input: FilesInput): AsyncGenerator<ViewProfile> {
  const { length } = await input.list();
  for (let i = 0; i < length; i++) yield unpack(await input.read(String(i))) as ViewProfile;
}

/** Result of a part for a view, in the first pass or in a refinement. */
export interface Found<T> {
  readonly found: T;
  /** Plan of the first pass, in the view's first part only. */
  readonly plan?: CountPlan;
}

/** Name of the file of a view's sums, which are large and not needed to plan a refinement. */
const sumsFile = (view: number) => `${view}.sums`;

/** Writes the result of a part. @param seen in a first pass: its sums, and the first and last type of the part's columns */
export async function writeFound<T>(
  output: FilesOutput,
  view: number,
  found: Found<T>,
  seen?: { readonly sums: PairSums; readonly types: CellTypes; readonly from: number; readonly to: number },
): Promise<void> {
  await output.write(String(view), pack(found));
  if (seen === undefined) return;
  const { cells, groups, nearest } = seen.sums;
  const { starts, names } = seen.types;
  // Types of rows do not exceed those of columns.
  const end = starts[seen.to + 1];
  const width = groupSumsOf(names.length);
  const [firstGroup, endGroup] = [groupOf(0, seen.from) * width, groupOf(0, seen.to + 1) * width];
  const packed: PackedSums = {
    cells: cells.subarray(0, end * CELL_SUMS),
    groups: groups.subarray(firstGroup, endGroup),
    firstGroup,
    indices: nearest.indices.subarray(0, end * nearest.k),
    distances: nearest.distances.subarray(0, end * nearest.k),
  };
  await output.write(sumsFile(view), pack(packed));
}

type FoundParts = readonly { readonly found: FilesInput }[];

/** Reads the results of the parts of a round for a view, in the order of the plan, one at a time. */
export const readFound = <T>(parts: FoundParts, view: number) =>
  readAll(parts, String(view)) as AsyncGenerator<Found<T>>;

/** Reads the sums of a view from the parts of a round, in the order of the plan, one at a time. */
export const readSums = (parts: FoundParts, view: number) =>
  readAll(parts, sumsFile(view)) as AsyncGenerator<PackedSums>;

async function* readAll(parts: FoundParts, name: string): AsyncGenerator<unknown> {
  for (const { found } of parts) {
    if ((await found.list()).includes(name)) yield unpack(await found.read(name));
  }
}
