/** Writes artifacts of every kind, and what they hold, for check_readers.py beside this file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embedding } from '../../../lib/data/kinds/embedding.ts';
import { matrix } from '../../../lib/data/kinds/matrix.ts';
import { neighbors } from '../../../lib/data/kinds/neighbors.ts';
import { parquet } from '../../../lib/data/kinds/parquet.ts';
import { table } from '../../../lib/flow/kinds/table.ts';
import { tokens } from '../../../lib/data/kinds/tokens.ts';
import { cellNames, EVERY_TYPE, everyType, sparse } from '../../data/generate.ts';

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const file = (name: string) => join(folder, name);

const rows = 70_000;
const columns = everyType(rows);
await table(EVERY_TYPE).output(file('table.arrow')).write(columns);
await parquet(EVERY_TYPE).output(file('table.parquet')).write(columns);
await table(EVERY_TYPE).output(file('empty-table.arrow')).write(everyType(0));
await parquet(EVERY_TYPE).output(file('empty-table.parquet')).write(everyType(0));
const records = Array.from({ length: rows }, (_, i) =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, Number.isNaN(column[i]) ? null : column[i]]),
  ),
);

const counts = sparse(9000, 300, 30);
for (const [name, block] of [['matrix', counts], ['empty-matrix', sparse(0, 300, 30)]] as const) {
  const writer = await matrix().output(file(`${name}.arrow`)).create({ columns: 300, metadata: { genesUsed: 300, layout: 'sparse', value: 'counts' } });
  await writer.append(block, cellNames(block.rows));
  await writer.close();
}
const coordinates = Float32Array.of(0.5, -1, 2, 3.25);
await embedding()
  .output(file('embedding.arrow'))
  .write({ cellIds: ['a', 'b'], labels: ['T cell', null], dims: 2, values: coordinates });
await embedding()
  .output(file('empty-embedding.arrow'))
  .write({ cellIds: [], labels: [], dims: 2, values: new Float32Array(0) });
await neighbors()
  .output(file('neighbors.arrow'))
  .write({
    cellIds: cellNames(5),
    k: 3,
    indices: Int32Array.from({ length: 15 }, (_, i) => i % 5),
    distances: Float32Array.from({ length: 15 }, (_, i) => i),
  });
const lists = [Int32Array.of(5, 2, 9), new Int32Array(0), Int32Array.of(1)];
for (const [name, taken] of [['tokens', lists], ['empty-tokens', []]] as const) {
  const writer = await tokens().output(file(`${name}.arrow`)).create();
  await writer.append(cellNames(taken.length), taken);
  await writer.close();
}
const truth = {
  schema: EVERY_TYPE,
  table: records,
  nnz: counts.indices.length,
  sum: counts.values.reduce((a, b) => a + b, 0),
  embedding: [...coordinates],
  tokens: lists.map((list) => [...list]),
};
writeFileSync(file('truth.json'), JSON.stringify(truth));
