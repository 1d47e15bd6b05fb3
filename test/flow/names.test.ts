/** Names that every object has, long ones, and what a file system may do to them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseSet } from '../../lib/config/overrides.ts';
import { checkConfig } from '../../lib/config/resolve.ts';
import { verify } from '../../lib/flow/index.ts';
import { requireTakenNames } from '../../lib/flow/runs/publish-names.ts';
import { parseRecent } from '../../lib/flow/store/history.ts';
import { targetFile } from '../../lib/flow/store/layout.ts';
import { slug } from '../../lib/report/drawing/text.ts';
import { stages } from '../../stages/index.ts';
import { ToyProject } from './toy-project.ts';

const everyObjects = Object.getOwnPropertyNames(Object.prototype).filter((name) => !name.startsWith('_'));

test('instances may have the names that every object has, and long ones', async (t) => {
  const toys = await ToyProject.create();
  t.after(() => toys.remove());
  const names = [...everyObjects, 'prototype', 'then', 'n'.repeat(240), 'ä'.repeat(120), 'rank.', 'con'];
  toys.config = { count: 12, maps: Object.fromEntries(names.map((name, i) => [name, { times: i + 1 }])) };
  const { outcome, failed } = await toys.run();
  assert.equal(outcome, 'done', failed[0]?.error.message);
  for (const [i, name] of names.entries()) {
    assert.deepEqual(
      (toys.latest(`maps/${name}.json`) as number[]).slice(0, 3),
      [0, i + 1, 4 * (i + 1)],
      name,
    );
  }
  assert.deepEqual((await toys.run()).targetsRun, []);
  assert.deepEqual((await verify(toys.store)).damage, []);
});

test('a config may use these names, and where one is missing it says so', () => {
  const config = (of: string, encodings: object) => ({
    dataset: { source: 'simulated', cells: 300, genes: 200 },
    encodings,
    embeddings: {},
    measures: { m: { of, metric: 'cosine' } },
    joint: [],
    fidelity: null,
  });
  for (const name of everyObjects) {
    assert.deepEqual(checkConfig(stages, config(name, { [name]: { kind: 'rank' } })).problems, [], name);
    const { problems } = checkConfig(stages, config(name, { rank: { kind: 'rank' } }));
    assert.ok(
      problems.some(({ message }) => message.includes(name)),
      `${name} is not there`,
    );
  }
});

test('the one name that nothing can have is refused wherever it stands', () => {
  for (const text of [
    '{"__proto__":{}}',
    '{"measures":{"__proto__":{"of":"rank","metric":"cosine"}}}',
    '{"compare":[{"__proto__":1}]}',
  ]) {
    const { problems } = checkConfig(stages, JSON.parse(text));
    assert.match(problems[0].message, /nothing can have the name "__proto__"/);
  }
  assert.throws(() => parseSet('measures.__proto__.of=rank'), /"__proto__" cannot be used as a key/);
  assert.equal(({} as { of?: string }).of, undefined);
});

test('a key of a config that every object has is unknown', () => {
  for (const key of ['constructor', 'toString']) {
    const { problems } = checkConfig(stages, { [key]: 1, subset: { [key]: 1 } });
    assert.equal(problems.filter(({ message }) => message.includes(key)).length, 2, key);
  }
});

test('the memory of a target has a file whatever the length of its name', () => {
  for (const target of ['a', `encode[${'n'.repeat(240)}]`, `encode[${'ä'.repeat(200)}]`]) {
    assert.ok(Buffer.byteLength(`${targetFile(target)}.json`) <= 255);
  }
  assert.notEqual(targetFile(`encode[${'n'.repeat(240)}a]`), targetFile(`encode[${'n'.repeat(240)}b]`));
  const key = 'a'.repeat(64);
  assert.deepEqual(parseRecent(JSON.stringify({ target: 'encode[Rank]', key }), 'encode[rank]'), []);
  assert.equal(slug('n'.repeat(300)).length, 80);
});

test('names are tried on the file system of the store before anything is computed', async (t) => {
  const toys = await ToyProject.create();
  t.after(() => toys.remove());
  const { store } = toys;
  await store.use(async () => {
    const publishing = (name: string) => [{ id: 'a', publish: [{ name }] }];
    requireTakenNames(store, publishing('maps/con.json'));
    requireTakenNames(store, publishing(`${'ä'.repeat(100)}.json`));
    assert.throws(
      () => requireTakenNames(store, publishing(`maps/${'ä'.repeat(130)}.json`)),
      (e: Error & { kind?: string }) => {
        return e.kind === 'config' && /does not take it \(ENAMETOOLONG\)/.test(e.message);
      },
    );
    assert.deepEqual(readdirSync(join(store.dir, 'tmp')), []);
  });
  assert.ok(readFileSync(join(store.dir, 'store.json'), 'utf8').includes('rankloom-store'));
});
