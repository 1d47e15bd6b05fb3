/** Holds docs/glossary.md: each term once; every stage, top-level config key and column of a result table has a place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeSchema } from '../../lib/config/schema.ts';
import * as results from '../../lib/data/results/tables.ts';
import { stages } from '../../stages/index.ts';
import { linksOf, readPage, tableRows } from './pages.ts';

const page = readPage('docs/glossary.md');
const [, ...rows] = tableRows(page).map(([term, kinds, meaning, more]) => ({
  term: term.replaceAll('`', ''),
  kinds: kinds.split(', '),
  meaning,
  more,
}));
const termsOf = (kind: string) => rows.filter(({ kinds }) => kinds.includes(kind)).map(({ term }) => term);

/** The schemas of result tables, by their names. */
const tables = Object.entries<object>(results).filter(([name]) => name.endsWith('Table'));
const columns = new Set(tables.flatMap(([, schema]) => Object.keys(schema)));

test('the schemas of results are found', () => {
  assert.ok(tables.length >= 12, String(tables.length));
  for (const column of ['auroc', 'type_a', 'encoding', 'measure']) assert.ok(columns.has(column), column);
});

test('each term stands once, in the order of the alphabet, with a meaning and where there is more', () => {
  const terms = rows.map(({ term }) => term.toLowerCase());
  assert.ok(terms.length > 60, String(terms.length));
  assert.deepEqual(terms, [...new Set(terms)].sort());
  for (const { term, kinds, meaning, more } of rows) {
    for (const kind of kinds) assert.match(kind, /^(word|stage|config key|column)$/, term);
    assert.ok(meaning.length > 10, term);
    assert.equal(linksOf('docs/glossary.md', more).length, 1, term);
  }
});

test('every stage is a term, and no other is called one', () => {
  assert.deepEqual(termsOf('stage'), stages.map(({ name }) => name).sort());
});

test('every key at the top of the config is a term, and no other is called one', () => {
  const keys = Object.keys(composeSchema(stages).shape).sort();
  assert.deepEqual(
    termsOf('config key'),
    keys.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
  );
});

/** First cells of the tables of docs/outputs.md: names of columns, among others. */
const documented = new Set(
  tableRows(readPage('docs/outputs.md')).map(([column]) => column.replaceAll('`', '')),
);

test('every column of a result table is a term, or stands in docs/outputs.md', () => {
  assert.ok(linksOf('docs/glossary.md', page).some(({ page }) => page === 'docs/outputs.md'));
  const terms = new Set(termsOf('column'));
  const without = [...columns].filter((column) => !terms.has(column) && !documented.has(column));
  assert.deepEqual(without, []);
});

test('a term that is called a column stands in docs/outputs.md as one', () => {
  assert.deepEqual(
    termsOf('column').filter((term) => !documented.has(term)),
    [],
  );
});
