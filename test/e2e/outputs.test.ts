/** Holds docs/outputs.md: what is published is what is documented, for readers that share no code with ours. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Project } from '../helpers/project.ts';

interface Column {
  name: string;
  type: string;
  nullable: boolean;
}

const page = readFileSync(fileURLToPath(new URL('../../docs/outputs.md', import.meta.url)), 'utf8');

/** Name pattern of an output (`encoded/<encoding>.arrow`) → its documented columns. */
const documented = new Map<string, Column[]>(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const rows = section.matchAll(/^\| `([^|]*)` \| ([^|]+) \| (yes|no) \|/gm);
      const columns = [...rows].map(([, name, type, nullable]) => ({
        name,
        type,
        nullable: nullable === 'yes',
      }));
      return [/`([^`]+)`/.exec(section)![1], columns];
    }),
);

const matches = (pattern: string, name: string) =>
  new RegExp(`^${pattern.replace(/<\w+>/, '[^/]+')}$`).test(name);
const documentedColumns = (name: string) => [...documented].find(([pattern]) => matches(pattern, name))?.[1];

const project = new Project();
let names: string[] = [];
before(async () => {
  // A type of one cell, so that there are nulls; token lists and sentences, so that every output is there.
  Object.assign(project.config.dataset, { cells: 90, types: 20 });
  project.config.subset.minCellsPerType = 1;
  project.config.encodings.words = { kind: 'cell2sentence' };
  project.config.encodings.tokens = {
    kind: 'geneformer',
    version: 'V1',
    tokens: 'tokens.json',
    medians: 'medians.json',
    dataset: ['cell_id', 'label', 'batch', 'total_counts'],
  };
  project.config.fidelity = { bootstrap: 20 };
  project.config.encodings.digits = { kind: 'scgpt', vocab: 'vocab.json' };
  Object.assign(project.config, { perturb: { cellsPerType: 2, genesPerCell: 2 } });
  const ids = Array.from({ length: 300 }, (_, i) => `SIM${String(i + 1).padStart(5, '0')}`);
  const special = { '<pad>': 0, '<mask>': 1 };
  const tokens = Object.fromEntries(ids.map((id, i) => [id, i + 2]));
  writeFileSync(project.path('tokens.json'), JSON.stringify({ ...special, ...tokens }));
  writeFileSync(
    project.path('medians.json'),
    JSON.stringify(Object.fromEntries(ids.map((id, i) => [id, 1 + (i % 7)]))),
  );
  writeFileSync(project.path('vocab.json'), JSON.stringify(Object.fromEntries(ids.map((id, i) => [id, i]))));
  const { code, stderr } = await project.run();
  assert.equal(code, 0, stderr);
  names = readdirSync(project.latest('.'), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(project.latest(name)).isFile())
    .sort();
});
after(() => project.remove());

test('every output is documented, and everything documented is there', () => {
  const forPeople = /^(report\.html|run\.json|dataset\.json|figures\/[\w.-]+\.(svg|png))$/;
  assert.deepEqual(
    names.filter((name) => !forPeople.test(name) && documentedColumns(name) === undefined),
    [],
  );
  assert.deepEqual(
    [...documented.keys()].filter((pattern) => !names.some((name) => matches(pattern, name))),
    [],
  );
  for (const name of ['report.html', 'run.json']) assert.ok(names.includes(name));
  // What an encoding may leave unwritten is not published, folders included.
  const { published } = JSON.parse(readFileSync(project.latest('run.json'), 'utf8'));
  assert.deepEqual(
    Object.keys(published).filter((name) => name.startsWith('datasets/')),
    ['datasets/tokens'],
  );
  assert.ok(names.filter((name) => name.startsWith('figures/')).length >= 10);
});

test('Arrow files have the documented columns, types and nulls', async () => {
  const arrow = await import('apache-arrow');
  for (const name of names.filter((n) => n.endsWith('.arrow'))) {
    const table = arrow.tableFromIPC(readFileSync(project.latest(name)));
    const found = table.schema.fields.map((field) => ({
      name: field.name,
      type: typeName(field.type),
      nullable: field.nullable,
    }));
    assert.deepEqual(found, expand(documentedColumns(name)!, found), name);
    for (const { name: column, nullable } of found) {
      if (!nullable) assert.equal(table.getChild(column)!.nullCount, 0, `${name}: ${column}`);
    }
  }
});

/** `d1` … `dk` stands for as many columns as there are. */
function expand(columns: Column[], found: Column[]): Column[] {
  return columns.flatMap((column) => {
    if (!column.name.includes('…')) return [column];
    const first = columns.length - 1;
    return found.slice(first).map((_, i) => ({ ...column, name: `d${i + 1}` }));
  });
}

// biome-ignore lint/suspicious/noExplicitAny: Arrow's types of types
function typeName(type: any): string {
  if (type.children?.length > 0) {
    const outer = String(type).startsWith('FixedSizeList') ? 'FixedSizeList' : 'List';
    return `${outer}<${typeName(type.children[0].type)}>`;
  }
  return String(type);
}

test('DuckDB reads the Parquet files with the documented columns, types and nulls', async () => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const duckTypes: Record<string, string> = { STRING: 'VARCHAR', INT64: 'BIGINT', INT32: 'INTEGER' };
  for (const name of names.filter((n) => n.endsWith('.parquet'))) {
    const path = project.latest(name);
    const columns = documentedColumns(name)!;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM '${path}'`);
    const found = described.getRowObjects().map((row) => ({ name: row.column_name, type: row.column_type }));
    const expected = columns.map((c) => ({ name: c.name, type: duckTypes[c.type] ?? c.type }));
    assert.deepEqual(found, expected, name);
    for (const column of columns) {
      const floats =
        column.type === 'DOUBLE' ? `, count(*) FILTER (isnan("${column.name}")) AS nans` : ', 0 AS nans';
      const query = `SELECT count(*) - count("${column.name}") AS nulls ${floats} FROM '${path}'`;
      const [row] = (await connection.runAndReadAll(query)).getRowObjects();
      assert.equal(Number(row.nans), 0, `${name}: NaN in ${column.name}`);
      if (!column.nullable) assert.equal(Number(row.nulls), 0, `${name}: null in ${column.name}`);
    }
  }
  const nulls = await connection.runAndReadAll(
    `SELECT count(*) AS n FROM '${project.latest('type_pairs.parquet')}' WHERE within AND n_pairs = 0 AND median IS NULL`,
  );
  assert.ok(
    Number(nulls.getRowObjects()[0].n) > 0,
    'a type of one cell has no pair within, and a null median',
  );
  connection.closeSync();
});

test('parquetjs-lite reads the same values as DuckDB', async () => {
  // @ts-expect-error the package has no types
  const { default: parquet } = await import('parquetjs-lite');
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const name of names.filter((n) => n.endsWith('.parquet'))) {
    const reader = await parquet.ParquetReader.openFile(project.latest(name));
    const cursor = reader.getCursor();
    const rows: Record<string, unknown>[] = [];
    for (let row = await cursor.next(); row !== null; row = await cursor.next()) rows.push(row);
    await reader.close();
    const expected = (
      await connection.runAndReadAll(`SELECT * FROM '${project.latest(name)}'`)
    ).getRowObjects();
    assert.equal(rows.length, expected.length, name);
    for (const column of documentedColumns(name)!) {
      const plain = (v: unknown) => (v === undefined ? null : typeof v === 'bigint' ? Number(v) : v);
      assert.deepEqual(
        rows.map((r) => plain(r[column.name])),
        expected.map((r) => plain(r[column.name])),
        `${name}: ${column.name}`,
      );
    }
  }
  connection.closeSync();
});

const python = process.env.PYTHON ?? 'python3';
const hasPandas = spawnSync(python, ['-c', 'import pandas, pyarrow, polars']).status === 0;

test('pandas and polars read every table', {
  skip: hasPandas ? false : 'needs python3 with pandas, pyarrow, polars',
}, () => {
  const script = join(fileURLToPath(new URL('.', import.meta.url)), 'read_outputs.py');
  // Streams are for `datasets`: see below.
  const tables = names.filter((n) => /\.(arrow|parquet)$/.test(n) && !n.startsWith('datasets/'));
  const files = tables.map((n) => project.latest(n));
  const { status, stdout, stderr } = spawnSync(python, [script, ...files], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const read = JSON.parse(stdout) as Record<string, { pandas: string[]; polars: string[]; nans: number }>;
  for (const name of tables) {
    const { pandas, polars, nans } = read[project.latest(name)];
    const columns = documentedColumns(name)!.map((c) => c.name);
    if (!name.startsWith('embeddings/')) assert.deepEqual(pandas, columns, name);
    assert.deepEqual(polars, pandas, name);
    assert.equal(nans, 0, `${name}: NaN where polars expects nulls`);
  }
});
