/** Nearest neighbours as an Arrow file: `cell_id`, `neighbors` and `distances` as lists of fixed size k. */
import type * as Arrow from 'apache-arrow';
import { dataError } from '../../errors.ts';
import { readUtf8, utf8Data } from '../../flow/kinds/arrow-columns.ts';
import { createArrowFile, loadArrow, openArrowFile, TABLE_BATCH_ROWS } from '../../flow/kinds/arrow-file.ts';
import type { Kind } from '../../flow/stage.ts';
import type { Neighbors, NeighborsInput, NeighborsOutput } from './types.ts';

/**
 * Kind of nearest neighbours: row numbers (int32) and distances (float32), k of each cell by rows. Each call of `read`
 * reads the whole file into memory, and throws a data error if it is of another kind; `write` throws for lengths that do
 * not fit.
 */
export function neighbors(): Kind<'neighbors', NeighborsInput, NeighborsOutput> {
  return {
    name: 'neighbors',
    input: (path) => ({ kind: 'neighbors', read: () => readNeighbors(path) }),
    output: (path) => ({ write: (value) => writeNeighbors(path, value) }),
  };
}

async function writeNeighbors(path: string, neighbors: Neighbors): Promise<void> {
  checkNeighbors(neighbors);
  const { cellIds, k, indices, distances } = neighbors;
  const arrow = await loadArrow();
  const indexList = new arrow.FixedSizeList(k, new arrow.Field('item', new arrow.Int32(), false));
  const distanceList = new arrow.FixedSizeList(k, new arrow.Field('item', new arrow.Float32(), false));
  const file = await createArrowFile(path, [
    new arrow.Field('cell_id', new arrow.Utf8(), false),
    new arrow.Field('neighbors', indexList, false),
    new arrow.Field('distances', distanceList, false),
  ]);
  for (let start = 0; start < cellIds.length; start += TABLE_BATCH_ROWS) {
    const end = Math.min(start + TABLE_BATCH_ROWS, cellIds.length);
    const length = end - start;
    const index = arrow.makeData({ type: new arrow.Int32(), data: indices.subarray(start * k, end * k) });
    const distance = arrow.makeData({
      type: new arrow.Float32(),
      data: distances.subarray(start * k, end * k),
    });
    await file.write(length, [
      utf8Data(arrow, cellIds.slice(start, end)),
      arrow.makeData({ type: indexList, length, nullCount: 0, child: index }),
      arrow.makeData({ type: distanceList, length, nullCount: 0, child: distance }),
    ]);
  }
  await file.close();
}

function checkNeighbors({ cellIds, k, indices, distances }: Neighbors): void {
  const cells = cellIds.length;
  if (!(Number.isInteger(k) && k >= 1)) throw new Error(`neighbors: k must be at least 1, got ${k}`);
  if (indices.length !== cells * k || distances.length !== cells * k) {
    throw new Error(
      `neighbors of ${cells} cells × ${k}: ${indices.length} indices and ${distances.length} distances`,
    );
  }
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] < 0 || indices[i] >= cells || !Number.isFinite(distances[i])) {
      throw new Error(
        `neighbors: cell ${Math.floor(i / k)} has neighbour ${indices[i]} of ${cells} at distance ${distances[i]}`,
      );
    }
  }
}

async function readNeighbors(path: string): Promise<Neighbors> {
  const file = await openArrowFile(path);
  const found = file.schema.fields.map((field) => `${field.name}: ${field.type}`).join(', ');
  const k = (file.schema.fields[1]?.type as Arrow.FixedSizeList | undefined)?.listSize ?? 0;
  const wanted = `cell_id: Utf8, neighbors: FixedSizeList[${k}]<Int32>, distances: FixedSizeList[${k}]<Float32>`;
  if (found !== wanted) {
    throw dataError(`not a file of neighbours: ${found}`, { where: path, expected: wanted });
  }
  const cellIds: string[] = [];
  const blocks: { indices: Int32Array; distances: Float32Array }[] = [];
  for await (const batch of file.batches()) {
    const [ids, index, distance] = batch.data.children;
    for (const id of readUtf8(ids)) cellIds.push(id as string);
    blocks.push({
      // Buffers are padded to multiples of 8 bytes.
      indices: (index.children[0].values as Int32Array).subarray(0, batch.numRows * k),
      distances: (distance.children[0].values as Float32Array).subarray(0, batch.numRows * k),
    });
  }
  const indices = new Int32Array(cellIds.length * k);
  const distances = new Float32Array(cellIds.length * k);
  let at = 0;
  for (const block of blocks) {
    indices.set(block.indices, at);
    distances.set(block.distances, at);
    at += block.indices.length;
  }
  return { cellIds, k, indices, distances };
}

/** First `k` of each cell's neighbours, or all if there are no more. */
export function firstNeighbors(neighbors: Neighbors, k: number): Neighbors {
  const { cellIds, k: listed, indices, distances } = neighbors;
  if (k >= listed) return neighbors;
  const cut = <T extends Int32Array | Float32Array>(table: T, out: T): T => {
    for (let i = 0; i < cellIds.length; i++) out.set(table.subarray(i * listed, i * listed + k), i * k);
    return out;
  };
  const length = cellIds.length * k;
  return {
    cellIds,
    k,
    indices: cut(indices, new Int32Array(length)),
    distances: cut(distances, new Float32Array(length)),
  };
}
