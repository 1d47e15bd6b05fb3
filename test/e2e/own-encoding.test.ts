/** An encoding of the user's own, from the config to the store; and which edits of code rerun which encodings. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { Project } from '../helpers/project.ts';

const project = new Project({ code: true });
after(() => project.remove());

const OWN = `import { defineEncoding, z } from 'rankloom';
import { root } from './my/root.ts';

export default defineEncoding({
  value: 'root of counts per target',
  params: z.object({ target: z.number().default(10_000) }),
  prepare: ({ params }) => ({
    encode: ({ counts, total }) => counts.map((x) => root((x / total) * params.target)),
  }),
});
`;

/** Runs what leads to the encodings, expects success, and tells what ran. */
async function ran(): Promise<string[]> {
  const { code, stderr, ran } = await project.run('encode');
  assert.equal(code, 0, stderr);
  return ran.sort();
}

test('an own encoding is computed, and nothing else is', async () => {
  assert.deepEqual(await ran(), ['encode[expression]', 'encode[rank]', 'hvg', 'load', 'subset']);
  mkdirSync(project.path('my'));
  writeFileSync(project.path('my/root.ts'), 'export const root = (x: number): number => Math.sqrt(x);\n');
  writeFileSync(project.path('mine.ts'), OWN);
  project.config.encodings.mine = { kind: 'module', from: './mine.ts' };
  assert.deepEqual(await ran(), ['encode[mine]']);
});

test('what its code does counts: a comment does not, a helper does, and why says so', async () => {
  project.edit('mine.ts', 'export default', '// Better than logarithms.\nexport default');
  assert.deepEqual(await ran(), []);
  project.edit('my/root.ts', 'Math.sqrt(x)', 'Math.cbrt(x)');
  const { stdout } = await project.rankloom('why', 'encode[mine]');
  assert.match(stdout, /my\/root\.ts/);
  assert.deepEqual(await ran(), ['encode[mine]']);
  project.config.encodings.mine = { kind: 'module', from: './mine.ts', params: { target: 5000 } };
  assert.match((await project.rankloom('why', 'encode[mine]')).stdout, /params\.target/);
  assert.deepEqual(await ran(), ['encode[mine]']);
});

test('code that cannot be read, or is not there, is told with its place', async () => {
  project.edit('mine.ts', 'prepare: ({', 'prepare: (({');
  const broken = await project.rankloom('run', 'encode');
  assert.equal(broken.code, 2, broken.stderr);
  assert.match(broken.stderr, /cannot read the code/);
  assert.match(broken.stderr, /mine\.ts:\d+:\d+/);
  project.edit('mine.ts', 'prepare: (({', 'prepare: ({');
  project.config.encodings.mine = { kind: 'module', from: './nowhere.ts' };
  const missing = await project.rankloom('run', 'encode');
  assert.equal(missing.code, 2, missing.stderr);
  assert.match(missing.stderr, /no such file.*nowhere\.ts.*encode\[mine\]/);
  delete project.config.encodings.mine;
  rmSync(project.path('mine.ts'));
});

test('editing one encoding reruns its instances alone; adding one to the registry reruns none', async () => {
  project.edit('lib/encodings/rank.ts', 'values[i] / 2;', 'values[i] * 0.5;');
  const { stdout } = await project.rankloom('why', 'encode[rank]');
  assert.match(stdout, /lib\/encodings\/rank\.ts/);
  assert.deepEqual(await ran(), ['encode[rank]']);
  const counts = readFileSync(project.path('lib/encodings/counts.ts'), 'utf8');
  writeFileSync(
    project.path('lib/encodings/another.ts'),
    counts
      .replace('export const counts', 'export const another')
      .replace("kind: 'counts'", "kind: 'another'"),
  );
  const line = "export { counts } from './counts.ts';";
  project.edit('lib/encodings/kinds.ts', line, `export { another } from './another.ts';\n${line}`);
  assert.deepEqual(await ran(), []);
});
