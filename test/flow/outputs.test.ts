/** What a stage writes and plans must be what it declares; else its action fails, with the stage and what was found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkParts } from '../../lib/flow/graph/declarations.ts';
import type { Stage } from '../../lib/flow/index.ts';
import { ToyProject } from './toy-project.ts';

type Edit = readonly [string, string, string];

/** Runs `numbers`, which does something first; tells what it failed with, if it did. */
async function failureOf(edits: readonly Edit[], patterns = ['numbers']): Promise<string | undefined> {
  const toys = await ToyProject.create(edits);
  try {
    const { failed, events } = await toys.run({ patterns });
    assert.ok(failed.every(({ error }) => error.kind === 'impure'));
    assert.ok(failed.length > 0 || events.some(({ type }) => type === 'target-finished'));
    return failed[0]?.error.message;
  } finally {
    toys.remove();
  }
}

const FS: Edit = [
  'numbers.ts',
  "import { readFileSync } from 'node:fs';",
  "import { readFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';\nimport { dirname, join } from 'node:path';",
];
/** The toys' kind shows where an output lies, as a stage's own writer would know. */
const PATH: Edit = ['json.ts', 'output: (path: string) => ({', 'output: (path: string) => ({ path,'];
const WRITE = 'outputs.list.write(Array.from({ length: params.count }, (_, i) => i + Math.trunc(offset)));';
const writes = (code: string): Edit[] => [FS, PATH, ['numbers.ts', WRITE, code]];

test('an output that is declared must be written, as what it is', async () => {
  assert.match((await failureOf(writes('')))!, /^stage numbers did not write its output list$/);
  const folder = 'mkdirSync(outputs.list.path);';
  assert.match((await failureOf(writes(folder)))!, /^stage numbers left a folder as its output list$/);
  const link = "symlinkSync('/etc/hostname', outputs.list.path);";
  assert.match((await failureOf(writes(link)))!, /^stage numbers left a symbolic link as its output list$/);
});

test('what is not declared must not be written beside it', async () => {
  const beside = (name: string, make = "writeFileSync(path, '')") =>
    failureOf(writes(`${WRITE} const path = join(dirname(outputs.list.path), '${name}'); ${make};`));
  assert.match((await beside('extra'))!, /^stage numbers wrote extra, which it does not declare/);
  assert.match((await beside('list.json.tmp'))!, /wrote list\.json\.tmp/);
  assert.match((await beside('folder', 'mkdirSync(path)'))!, /wrote folder/);
});

test('a folder may hold files and folders of files, but no links', async () => {
  const inFolder = (code: string) =>
    failureOf([
      ...writes(`writeFileSync(join(outputs.list.path, 'a'), 'a'); ${code}`),
      ['json.ts', "name: 'json' as const,", "name: 'json' as const, folder: true,"],
    ]);
  const filled =
    "mkdirSync(join(outputs.list.path, 'b')); writeFileSync(join(outputs.list.path, 'b/c'), 'c');";
  assert.equal(await inFolder(filled), undefined);
  const empty = "mkdirSync(join(outputs.list.path, 'b'));";
  assert.match((await inFolder(empty))!, /^stage numbers left an empty folder in its output list$/);
  const link = "symlinkSync('/etc/hostname', join(outputs.list.path, 'b'));";
  assert.match((await inFolder(link))!, /^stage numbers left a symbolic link in its output list$/);
});

test('an output that may be missing for some instances must be there for the others', async () => {
  const optional = (condition: string): Edit[] => [
    ...writes(''),
    [
      'numbers.ts',
      "output(json(), { publish: 'numbers.json' })",
      `output(json(), { publish: 'numbers.json', optional: (config: any) => ${condition} })`,
    ],
    ['map.ts', "list: from('numbers.list', json())", ''],
  ];
  assert.equal(await failureOf(optional('config.count === 25')), undefined);
  assert.match((await failureOf(optional('config.count !== 25')))!, /did not write its output list/);
});

test('parts that would not come through the plan unchanged are refused', async () => {
  const from = "parts.push({ name: 'from ' + start, data: { start } })";
  const edit: Edit = [
    'map.ts',
    from,
    'parts.push({ name: String(start), data: { start, at: new Date(0) } })',
  ];
  assert.match(
    (await failureOf([edit], ['map']))!,
    /^stage map planned part "0": data\.at is an instance of Date/,
  );

  const cases: [unknown, RegExp][] = [
    [[{ name: 'x', data: [Number.NaN] }], /part "x": data\[0\] is NaN/],
    [[{ name: 'x', data: new Map() }], /data is an instance of Map/],
    [[{ name: 'x' }], /data is undefined/],
    [[{ name: 'x', data: -0 }], /data is −0/],
    [[1, 2].map((data) => ({ name: 'x', data })), /two parts named "x"/],
    [[{ name: '', data: 1 }], /a part named ""/],
    [[{ name: 'x', data: 1, inputs: ['lst'] }], /an input "lst", which it does not have/],
    [[{ name: 'x', data: 1, cost: Number.NaN }], /a cost of NaN/],
    [[{ name: 'x', data: 1, cores: 2 }], /cores: 2/],
    [{}, /no list of parts/],
  ];
  const stage = { name: 'map' } as Stage;
  for (const [parts, expected] of cases) {
    const refused = { message: expected, kind: 'impure' };
    assert.throws(() => checkParts(parts, stage, ['list']), refused);
  }
  checkParts([{ name: 'x', data: null, inputs: ['list'], cores: 'all', cost: 1 }], stage, ['list']);
});
