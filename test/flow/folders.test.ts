/** Folders as inputs: their names and bytes count, whichever way they came about. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  changesSince,
  Decider,
  describeCause,
  makePlan,
  resolveAll,
  selectTargets,
} from '../../lib/flow/index.ts';
import { folderChange, folderListing, listFolder, listingHash } from '../../lib/flow/keys/folder.ts';
import { StatCache } from '../../lib/flow/keys/stat-cache.ts';
import { ToyProject } from './toy-project.ts';

type Edit = readonly [string, string, string];

/** The stage `numbers` adds up all numbers in a folder. */
const readsFolder: readonly Edit[] = [
  ['numbers.ts', 'defineStage, fromFile,', 'defineStage, fromFolder,'],
  [
    'numbers.ts',
    "import { readFileSync } from 'node:fs';",
    "import { readdirSync, readFileSync, statSync } from 'node:fs';",
  ],
  ['numbers.ts', 'fromFile(config.file)', 'fromFolder(config.file)'],
  [
    'numbers.ts',
    "Number(readFileSync(inputs.file.path, 'utf8'))",
    `readdirSync(inputs.file.path, { recursive: true }).map((name) => inputs.file.path + '/' + name)
      .filter((path) => statSync(path).isFile()).reduce((sum, path) => sum + Number(readFileSync(path, 'utf8')), 0)`,
  ],
];

async function folderToys(
  files: Record<string, string> = { 'a.txt': '1', 'sub/b.txt': '2' },
  edits: readonly Edit[] = [],
): Promise<{ toys: ToyProject; data: string }> {
  const toys = await ToyProject.create([...readsFolder, ...edits]);
  const data = join(toys.dir, 'data');
  mkdirSync(data);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(data, name)), { recursive: true });
    writeFileSync(join(data, name), text);
    utimesSync(join(data, name), 1e9, 1e9);
  }
  toys.config.file = 'data';
  return { toys, data };
}

const numbers = { patterns: ['numbers'] };

test('a run reads a folder; the next one does nothing, and one after a change says which file', async (t) => {
  const { toys, data } = await folderToys();
  t.after(() => toys.remove());
  const first = await toys.run(numbers);
  assert.equal(first.outcome, 'done', first.failed[0]?.error.message);
  assert.equal((toys.hashes()['numbers.json'] ?? '').length, 64);
  assert.deepEqual((await toys.run(numbers)).targetsRun, []);
  const because = async () => (await toys.decision('numbers')).causes.map((cause) => describeCause(cause));
  for (const [change, undo, said] of [
    [
      () => writeFileSync(join(data, 'a.txt'), '5'),
      () => writeFileSync(join(data, 'a.txt'), '1'),
      `file: ${data} changed (a.txt)`,
    ],
    [
      () => writeFileSync(join(data, 'sub', 'c.txt'), '5'),
      () => rmSync(join(data, 'sub', 'c.txt')),
      `file: ${data} changed (+sub/c.txt)`,
    ],
    [
      () => renameSync(join(data, 'a.txt'), join(data, 'z.txt')),
      () => renameSync(join(data, 'z.txt'), join(data, 'a.txt')),
      `file: ${data} changed (+z.txt, −a.txt)`,
    ],
    [
      () => mkdirSync(join(data, 'empty')),
      () => rmSync(join(data, 'empty'), { recursive: true }),
      `file: ${data} changed (+empty/)`,
    ],
  ] as const) {
    change();
    assert.deepEqual(await because(), [said]);
    assert.deepEqual((await toys.run(numbers)).targetsRun, ['numbers']);
    undo();
    assert.equal((await toys.decision('numbers')).state, 'cached', 'it is the folder of before');
    await toys.run(numbers);
  }
});

test('a renamed or copied folder is the same input', async (t) => {
  const { toys, data } = await folderToys();
  t.after(() => toys.remove());
  await toys.run(numbers);
  renameSync(data, join(toys.dir, 'moved'));
  toys.config.file = 'moved';
  assert.deepEqual((await toys.run(numbers)).targetsRun, []);
});

/** What happens to a folder while a run reads it → whether what was made of it stays. */
const happens: Record<string, { harm: (data: string) => void; stays: boolean }> = {
  'a file is touched': { harm: (data) => utimesSync(join(data, 'a.txt'), 1, 1), stays: true },
  'an equal copy takes the place of a file': {
    harm(data) {
      copyFileSync(join(data, 'a.txt'), join(data, '..', 'copy'));
      renameSync(join(data, '..', 'copy'), join(data, 'a.txt'));
    },
    stays: true,
  },
  'a file gets other bytes': { harm: (data) => writeFileSync(join(data, 'a.txt'), '3'), stays: false },
  'a file appears': { harm: (data) => writeFileSync(join(data, 'sub', 'late.txt'), '3'), stays: false },
  'a file goes': { harm: (data) => rmSync(join(data, 'a.txt')), stays: false },
  'a file is renamed': { harm: (data) => renameSync(join(data, 'a.txt'), join(data, 'b.txt')), stays: false },
  'the folder goes': { harm: (data) => rmSync(data, { recursive: true }), stays: false },
};

for (const [name, { harm, stays }] of Object.entries(happens)) {
  test(`while a run reads a folder, ${name}: what was made ${stays ? 'stays' : 'goes'}`, async (t) => {
    const { toys, data } = await folderToys(undefined, [
      [
        'numbers.ts',
        '        outputs.list.write(',
        '        await new Promise((done) => setTimeout(done, 400));\n        outputs.list.write(',
      ],
    ]);
    t.after(() => toys.remove());
    const { outcome, failed } = await toys.run({
      ...numbers,
      watch: (e) => {
        // After it was read: reading takes no time, and the stage then waits.
        if (e.type === 'action-started') setTimeout(() => harm(data), 200);
      },
    });
    assert.equal(outcome, stays ? 'done' : 'failed', failed[0]?.error.message);
    if (stays) assert.deepEqual((await toys.run(numbers)).targetsRun, []);
    else assert.match(failed[0].error.message, /changed while numbers read it/);
  });
}

test('a hermetic run may read the folder, what links in it lead to, and nothing beside', async (t) => {
  const { toys, data } = await folderToys();
  t.after(() => toys.remove());
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-outside-')));
  t.after(() => rmSync(outside, { recursive: true }));
  writeFileSync(join(outside, 'c.txt'), '4');
  mkdirSync(join(outside, 'inner'));
  writeFileSync(join(outside, 'inner', 'd.txt'), '8');
  symlinkSync(join(outside, 'c.txt'), join(data, 'link.txt'));
  symlinkSync(join(outside, 'inner'), join(data, 'inner'));
  const { outcome, failed } = await toys.run({ ...numbers, hermetic: true });
  assert.equal(outcome, 'done', JSON.stringify(failed));
  writeFileSync(join(outside, 'inner', 'd.txt'), '9');
  const [cause] = (await toys.decision('numbers')).causes;
  assert.equal(describeCause(cause), `file: ${data} changed (inner/d.txt)`, 'what a link leads to counts');
});

test('a folder that is not there, or is a file, fails before anything runs', async (t) => {
  const { toys, data } = await folderToys();
  t.after(() => toys.remove());
  toys.config.file = 'nowhere';
  await assert.rejects(toys.run(numbers), /no such file: .*nowhere \(read by numbers\)/);
  toys.config.file = 'data/a.txt';
  const { failed } = await toys.run(numbers);
  assert.match(failed[0].error.message, /a\.txt is not a folder/);
  symlinkSync(data, join(toys.dir, 'link'));
  toys.config.file = 'link';
  assert.equal((await toys.run(numbers)).outcome, 'done', 'a link to a folder is one');
});

test('an empty folder is an input like any other', async (t) => {
  const { toys } = await folderToys({});
  t.after(() => toys.remove());
  const { outcome, failed } = await toys.run(numbers);
  assert.equal(outcome, 'done', failed[0]?.error.message);
});

test('links without end, links to nothing, sockets and closed files are refused by name', async (t) => {
  const { toys, data } = await folderToys();
  t.after(() => toys.remove());
  const refused = () => {
    try {
      listFolder(data);
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  symlinkSync('..', join(data, 'sub', 'up'));
  assert.match(refused(), /sub\/up is a link that leads back to .*data/);
  rmSync(join(data, 'sub', 'up'));
  symlinkSync('itself', join(data, 'itself'));
  assert.match(refused(), /itself is a link that leads back/);
  rmSync(join(data, 'itself'));
  symlinkSync('nowhere', join(data, 'broken'));
  assert.match(refused(), /broken is a link that leads nowhere/);
  rmSync(join(data, 'broken'));
  if (process.getuid?.() === 0) return;
  chmodSync(join(data, 'sub'), 0o000);
  t.after(() => chmodSync(join(data, 'sub'), 0o700));
  assert.match(refused(), /no permission to .*sub/);
});

test('a plan holds a folder to what it was', async (t) => {
  const { toys, data } = await folderToys();
  t.after(() => toys.remove());
  const graph = toys.graph();
  const targets = selectTargets(graph, ['numbers']);
  const decide = async () => {
    const decider = new Decider(graph, toys.store);
    await decider.prepare(targets);
    const resolved = await resolveAll(decider, graph, targets);
    return { decider, resolved };
  };
  const then = await decide();
  const none = { ms: 0, peakRssBytes: 0, bytes: 0, certainBytes: 0, withoutForecast: 0 };
  const forecast = { targets: [], workers: 1, ...none };
  const plan = await makePlan(graph, then.decider, then.resolved, { options: null, forecast });
  writeFileSync(join(data, 'a.txt'), '7');
  const now = await decide();
  assert.match(
    (await changesSince(plan, graph, now.decider, now.resolved)).join(),
    /numbers: file: .*data changed/,
  );
  then.decider.save();
  assert.match(
    (await changesSince(plan, graph, now.decider, now.resolved)).join(),
    /data changed \(a\.txt\)/,
    'the listing of then is kept',
  );
});

test('the listing is sorted, tells empty folders, and is what the hash is made of', async (t) => {
  const { toys, data } = await folderToys({ 'b.txt': '1', 'a.txt': '1', 'a/c.txt': '2' });
  t.after(() => toys.remove());
  mkdirSync(join(data, 'void'));
  const stats = new StatCache(join(toys.dir, 'cache.json'));
  const text = await folderListing(data, (path) => stats.hash(path));
  const names = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)[0]);
  assert.deepEqual(names, ['a.txt', 'a/', 'a/c.txt', 'b.txt', 'void/']);
  assert.equal(await stats.isFolderStill(data, listingHash(text)), true);
  writeFileSync(join(data, 'b.txt'), '3');
  assert.equal(await stats.isFolderStill(data, listingHash(text)), false);
  const later = await folderListing(data, (path) => stats.hash(path));
  assert.deepEqual(folderChange(text, later), { changed: ['b.txt'], added: [], removed: [] });
});
