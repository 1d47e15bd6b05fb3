/** What is kept of a subject: everything that the comparison needs, a few numbers a cell and a pair of types. */
import type { measurePairsTable } from '../formats/result-tables.ts';
import type { Columns, FilesInput, FilesOutput } from '../formats/types.ts';
import type { CellTypes } from '../pairwise/type-pairs.ts';
import { CELL_SUMS, type PackedSums, type PairSums } from './pair-sums.ts';
import type { View } from './view.ts';

export interface ViewProfile {
  readonly view: View;
  /** Null if there are no pairs within, or none between. */
  readonly auroc: number | null;
  /** Of all pairs of types a ≤ b, by a and then b, of the types by name: NaN where no pair has a value. */
  readonly medians: Float64Array;
  /** The type of each cell in this view, as its place among the names in order. */
  readonly types: Int32Array;
  /** By cell, × CELL_SUMS. */
  readonly cells: Float64Array;
  /** By group, × GROUP_SUMS. */
  readonly groups: Float64Array;
  /** Cells × k; −1 where there are no more. */
  readonly neighbors: Int32Array;
  readonly k: number;
}

type Header = { view: View; auroc: number | null; medians: (number | null)[]; k: number };

/** By cell, not by position. */
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

const ARRAYS = ['types', 'cells', 'groups', 'neighbors'] as const;

export async function writeProfile(output: FilesOutput, views: readonly ViewProfile[]): Promise<void> {
  const headers = views.map(({ view, auroc, medians, k }): Header => {
    return { view, auroc, k, medians: Array.from(medians, (m) => (Number.isNaN(m) ? null : m)) };
  });
  await output.write('views.json', `${JSON.stringify(headers)}\n`);
  for (const [i, view] of views.entries()) {
    for (const name of ARRAYS) await output.write(`${i}.${name}`, bytesOf(view[name]));
  }
}

/** The views of a subject, one at a time. */
export async function* readProfile(input: FilesInput): AsyncGenerator<ViewProfile> {
  const headers = JSON.parse(new TextDecoder().decode(await input.read('views.json'))) as Header[];
  for (const [i, { view, auroc, medians, k }] of headers.entries()) {
    yield {
      view,
      auroc,
      k,
      medians: Float64Array.from(medians, (median) => median ?? Number.NaN),
      types: new Int32Array(await bufferOf(input, `${i}.types`)),
      cells: new Float64Array(await bufferOf(input, `${i}.cells`)),
      groups: new Float64Array(await bufferOf(input, `${i}.groups`)),
      neighbors: new Int32Array(await bufferOf(input, `${i}.neighbors`)),
    };
  }
}

const SUMS = ['cells', 'groups', 'indices', 'distances'] as const;

export async function writeSums(output: FilesOutput, view: number, sums: PairSums): Promise<void> {
  const { cells, groups, nearest } = sums;
  const packed: PackedSums = { cells, groups, indices: nearest.indices, distances: nearest.distances };
  for (const name of SUMS) await output.write(`${view}.${name}`, bytesOf(packed[name]));
}

export async function readSums(input: FilesInput, view: number): Promise<PackedSums> {
  return {
    cells: new Float64Array(await bufferOf(input, `${view}.cells`)),
    groups: new Float64Array(await bufferOf(input, `${view}.groups`)),
    indices: new Int32Array(await bufferOf(input, `${view}.indices`)),
    distances: new Float32Array(await bufferOf(input, `${view}.distances`)),
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array | Float64Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Copied: a file's bytes need not lie where numbers may. */
const bufferOf = async (input: FilesInput, name: string) => Uint8Array.from(await input.read(name)).buffer;
