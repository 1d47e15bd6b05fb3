/** Hermetic runs: what a stage may read is what it declares. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ToyProject } from './toy-project.ts';

type Edit = readonly [string, string, string];
const first: Edit[1] = '// a comment in numbers';

/** A file of which the code says nothing that could be followed. */
const home = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-secret-')));
const secret = join(home, 'secret.txt');
writeFileSync(secret, '5');
after(() => rmSync(home, { recursive: true }));

async function failure(edits: readonly Edit[]) {
  const toys = await ToyProject.create(edits);
  try {
    const { failed } = await toys.run({ hermetic: true });
    return failed.map((f) => ({ target: f.target, ...f.error }));
  } finally {
    toys.remove();
  }
}

test('a hermetic run gives the bytes of any other, with values that parts share and with a team', async () => {
  const toys = await ToyProject.create();
  toys.write('offset.txt', '7');
  toys.config.file = 'offset.txt';
  const copy = await toys.cleanCopy();
  copy.write('offset.txt', '7');
  const { outcome, failed } = await toys.run({ hermetic: true });
  assert.equal(outcome, 'done', JSON.stringify(failed));
  await copy.run();
  assert.deepEqual(toys.hashes(), copy.hashes());
  assert.deepEqual((await toys.run()).actionsRun, [], 'and counts as one');
  toys.remove();
  copy.remove();
});

/** A path in quotes would be refused before the stage runs. */
const hidden = `['${secret}'].join('')`;

test('a file that is read and not declared fails its stage, with the path', async () => {
  const errors = await failure([
    ['numbers.ts', first, `params = { count: Number(readFileSync(${hidden}, 'utf8')) };`],
  ]);
  assert.deepEqual(
    errors.map(({ target, kind, message, where }) => [target, kind, message, where]),
    [['numbers', 'impure', `stage numbers reads ${secret}, which it does not declare`, secret]],
  );
});

test('so does one whose refusal the stage swallows, or which it only asks about', async () => {
  const errors = await failure([
    [
      'numbers.ts',
      "import { readFileSync } from 'node:fs';",
      "import { existsSync, readFileSync } from 'node:fs';",
    ],
    ['numbers.ts', first, `try { if (existsSync(${hidden})) params = { count: 5 }; } catch {}`],
  ]);
  assert.deepEqual(
    errors.map(({ kind, where }) => [kind, where]),
    [['impure', secret]],
  );
});

test('a team that reads what is not declared is refused as well', async () => {
  const errors = await failure([
    [
      'team.ts',
      "import { add } from './helpers.ts';",
      "import { readFileSync } from 'node:fs';\nimport { add } from './helpers.ts';",
    ],
    ['team.ts', 'let own = 0;', `let own = readFileSync('${secret}').length - 1;`],
  ]);
  assert.deepEqual(
    errors.map(({ target, message }) => [target, message]),
    [['total', `stage total reads ${secret}, which it does not declare`]],
  );
});

test('a file written beside the outputs is refused', async () => {
  const errors = await failure([
    [
      'numbers.ts',
      "import { readFileSync } from 'node:fs';",
      "import { readFileSync, writeFileSync } from 'node:fs';",
    ],
    ['numbers.ts', first, `writeFileSync('${secret}', 'mine');`],
  ]);
  assert.match(errors[0].message, /^stage numbers writes .*secret\.txt/);
  assert.equal(errors[0].where, secret);
});
