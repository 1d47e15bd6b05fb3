/**
 * Files of a part of a search: neighbour lists of its rows, of its columns, or of all rows, complete; the rows without a
 * value; and the recall.
 */
import type { FilesInput, FilesOutput } from '../data/kinds/types.ts';
import type { NearestRows } from '../kernels/nearest.ts';
import { NearestMerge } from './exact/merge.ts';
import type { Nearest, Recall } from './method.ts';

const UNDEFINED_ROWS_FILE = 'without-value.json';
const RECALL_FILE = 'recall.json';

/** Writes the complete neighbour lists of all rows. */
export async function writeNearest(to: FilesOutput, found: Nearest): Promise<void> {
  await writeLists(to, 'all', 0, found);
  if (found.recall !== undefined) await to.write(RECALL_FILE, JSON.stringify(found.recall));
  await writeUndefinedRows(to, found.withoutValue);
}

export const writeUndefinedRows = (to: FilesOutput, rows: readonly number[]): Promise<void> =>
  to.write(UNDEFINED_ROWS_FILE, JSON.stringify(rows));

/**
 * Merges the results of all parts of a search, one part in memory at a time.
 *
 * @param rows number of rows of the space
 * @param k length of a row's list, the row itself counted
 */
export async function mergeParts(parts: readonly FilesInput[], rows: number, k: number): Promise<Nearest> {
  const withoutValue: number[] = [];
  let all: NearestRows | undefined;
  let recall: Recall | undefined;
  let merge: NearestMerge | undefined;
  for (const part of parts) {
    const names = new Set(await part.list());
    if (hasLists(names, 'all')) [, all] = await readLists(part, 'all');
    for (const side of ['rows', 'columns'] as const) {
      if (!hasLists(names, side)) continue;
      merge ??= new NearestMerge(rows, k);
      merge.add(...(await readLists(part, side)));
    }
    if (names.has(UNDEFINED_ROWS_FILE)) {
      for (const row of await readJson<number[]>(part, UNDEFINED_ROWS_FILE)) withoutValue.push(row);
    }
    if (names.has(RECALL_FILE)) recall = await readJson<Recall>(part, RECALL_FILE);
  }
  const { indices, distances } = all ?? merge ?? new NearestMerge(rows, k);
  return { indices, distances, withoutValue, recall };
}

type ListSide = 'rows' | 'columns' | 'all';

/** Writes the lists of a part's rows, its columns, or all rows, from row `first` on. */
export async function writeLists(
  to: FilesOutput,
  side: ListSide,
  first: number,
  { indices, distances }: NearestRows,
): Promise<void> {
  await to.write(`${side}/first`, bytesOf(Int32Array.of(first)));
  await to.write(`${side}/indices`, bytesOf(indices));
  await to.write(`${side}/distances`, bytesOf(distances));
}

async function readLists(from: FilesInput, side: ListSide): Promise<[number, NearestRows]> {
  const [first, indices, distances] = [
    await aligned(from.read(`${side}/first`)),
    await aligned(from.read(`${side}/indices`)),
    await aligned(from.read(`${side}/distances`)),
  ];
  return [
    int32(first)[0],
    {
      indices: int32(indices),
      distances: new Float32Array(distances.buffer, distances.byteOffset, distances.length / 4),
    },
  ];
}

/** Whether a part with files of the given names has lists of one side. */
const hasLists = (names: ReadonlySet<string>, side: ListSide): boolean => names.has(`${side}/first`);

const readJson = async <T>(from: FilesInput, name: string) =>
  JSON.parse(Buffer.from(await from.read(name)).toString()) as T;

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

const int32 = ({ buffer, byteOffset, length }: Uint8Array) => new Int32Array(buffer, byteOffset, length / 4);

/** Returns the bytes, copied if their offset is not aligned for 32-bit numbers. */
async function aligned(reading: Promise<Uint8Array>): Promise<Uint8Array> {
  const bytes = await reading;
  return bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
}
