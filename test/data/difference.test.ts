import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createMatrix } from '../../lib/data/kinds/matrix.ts';
import { writeParquet } from '../../lib/data/kinds/parquet.ts';
import { firstDifference } from '../../lib/data/results/difference.ts';
import { writeTable } from '../../lib/flow/kinds/table.ts';

const dir = mkdtempSync(join(tmpdir(), 'rankloom-difference-'));
after(() => rmSync(dir, { recursive: true }));
let serial = 0;
const fresh = () => join(dir, `${serial++}`);

const schema = { name: 'utf8', value: 'float64?' } as const;
type Rows = { name: string[]; value: Float64Array };
const rows = (value: number[]): Rows => ({
  name: value.map((_, i) => `n${i}`),
  value: Float64Array.from(value),
});

for (const [kind, write] of Object.entries({ arrow: writeTable, parquet: writeParquet })) {
  const file = async (value: number[]) => {
    const path = fresh();
    await write(path, schema, rows(value));
    return path;
  };

  test(`${kind}: the first column and row that differ`, async () => {
    const many = Array.from({ length: 70_000 }, (_, i) => i / 3);
    const other = many.with(69_000, -1);
    assert.equal(
      await firstDifference(await file(many), await file(other)),
      'column value, row 69000: 23000 stored, -1 made',
    );
    assert.equal(await firstDifference(await file(many), await file(many)), undefined);
  });

  test(`${kind}: nulls, signs of zero, lengths`, async () => {
    assert.equal(
      await firstDifference(await file([1, Number.NaN]), await file([1, 2])),
      'column value, row 1: null stored, 2 made',
    );
    assert.equal(
      await firstDifference(await file([0]), await file([-0])),
      'column value, row 0: 0 stored, -0 made',
    );
    assert.equal(await firstDifference(await file([1]), await file([1, 2])), 'row 1: no such row stored');
    assert.equal(await firstDifference(await file([]), await file([1])), 'row 0: no such row stored');
  });

  test(`${kind}: columns of other names or types`, async () => {
    const path = fresh();
    await write(path, { name: 'utf8', value: 'int32' }, { name: ['n0'], value: Int32Array.of(1) } as never);
    assert.match(
      (await firstDifference(await file([1]), path))!,
      /^column 1: value \(.*\) stored, value \(.*\) made$/,
    );
  });
}

test('lists are compared item by item', async () => {
  const make = async (value: number) => {
    const path = fresh();
    const matrix = await createMatrix(path, {
      columns: 3,
      metadata: { genesUsed: 3, layout: 'sparse', value: 'counts' },
    });
    const indptr = Uint32Array.of(0, 1, 3);
    const block = {
      rows: 2,
      columns: 3,
      indptr,
      indices: Int32Array.of(0, 1, 2),
      values: Float32Array.of(1, 2, value),
    };
    await matrix.append(block, ['a', 'b']);
    await matrix.close();
    return path;
  };
  assert.equal(
    await firstDifference(await make(3), await make(4)),
    'column values, row 1: [2,3] stored, [2,4] made',
  );
});

test('other files, and broken ones, differ at a byte', async () => {
  const [a, b] = [fresh(), fresh()];
  writeFileSync(a, 'the same, then not');
  writeFileSync(b, 'the same, also not');
  assert.equal(await firstDifference(a, b), 'byte 10');
  writeFileSync(b, 'the same');
  assert.equal(await firstDifference(a, b), 'byte 8');
  const whole = fresh();
  const broken = fresh();
  for (const path of [whole, broken]) await writeTable(path, schema, rows([1, 2, 3]));
  truncateSync(broken, 100);
  assert.equal(await firstDifference(whole, broken), 'byte 100');
});
