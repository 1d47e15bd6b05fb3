/** Lists of neighbours as files of a part: of its rows, of its columns, or of all rows, complete. */
import type { FilesInput, FilesOutput } from '../data/kinds/types.ts';
import type { NearestRows } from './nearest.ts';

export type ListSide = 'rows' | 'columns' | 'all';

/** The lists of a part's rows (or columns), from row `first` on. */
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

export async function readLists(from: FilesInput, side: ListSide): Promise<[number, NearestRows]> {
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

/** Whether a part with files of these names has lists of that side. */
export const hasLists = (names: ReadonlySet<string>, side: ListSide): boolean => names.has(`${side}/first`);

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

const int32 = ({ buffer, byteOffset, length }: Uint8Array) => new Int32Array(buffer, byteOffset, length / 4);

/** Copied if they lie where 32-bit numbers may not. */
async function aligned(reading: Promise<Uint8Array>): Promise<Uint8Array> {
  const bytes = await reading;
  return bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
}
