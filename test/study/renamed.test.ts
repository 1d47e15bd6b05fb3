/** Every name that something had before is refused with the name it has now, wherever it is given. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { unknownOutput } from '../../lib/cli/session/outputs.ts';
import { checkConfig } from '../../lib/config/resolve.ts';
import { composeSchema } from '../../lib/config/schema.ts';
import { buildGraph, matchTargets } from '../../lib/flow/index.ts';
import { renamed } from '../../lib/study/renamed.ts';
import { stages } from '../../stages/index.ts';
import { Project } from '../cli/support.ts';

const keys: [string, string][] = Object.entries(renamed.keys);
const stageNames: [string, string][] = Object.entries(renamed.stages);
const outputs: [string, string][] = Object.entries(renamed.outputs);

const config = checkConfig(stages, { seed: 0, perturb: {} }).config;
const graph = buildGraph(stages, config, { seed: 0, root: '/', renamed: renamed.stages });

test('no old name has a meaning, and every new one has', () => {
  const known = Object.keys(composeSchema(stages).shape);
  for (const [old, now] of keys) {
    assert.ok(!known.includes(old), old);
    assert.ok(known.includes(now), now);
  }
  const names = stages.map(({ name }) => name);
  for (const [old, now] of stageNames) {
    assert.ok(!names.includes(old), old);
    assert.ok(names.includes(now), now);
  }
  const published = stages.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ publish }: { publish?: unknown }) =>
      typeof publish === 'string' ? [publish] : [],
    ),
  );
  const isPublished = (name: string) => published.some((one) => one === name || one.startsWith(`${name}/`));
  for (const [old, now] of outputs) {
    assert.ok(!isPublished(old), old);
    assert.ok(isPublished(now), now);
  }
});

test('an old key is refused with the new one, at its place in the file and on the command line', async (t) => {
  for (const [old, now] of keys) {
    const { problems } = checkConfig(stages, { [old]: {} }, { renamed: renamed.keys });
    const [problem, ...others] = problems;
    assert.deepEqual(others, [], old);
    assert.equal(problem.message, `"${old}" is the old name of a key, which is now called "${now}"`);
    assert.deepEqual([problem.path, problem.at], [[old], 'key']);
  }
  // Beside the new one it could mean either.
  const written = Object.fromEntries(
    keys.flatMap(([old, now]) => [
      [old, []],
      [now, null],
    ]),
  );
  const project = new Project(t, 'study', { 'pipeline.config.json': JSON.stringify(written, null, 1) });
  const { code, stderr } = await project.run('plan');
  assert.equal(code, 2);
  for (const [old, now] of keys) {
    assert.match(stderr, new RegExp(`json:\\d+:2 {2}"${old}" is the old name .* "${now}"\n`));
  }
});

test('a config that has an old key alone is still read, and so is one on the command line', async (t) => {
  const written = JSON.stringify({ compare: [], comparison: null, losses: { cells: 40 } });
  const old = new Project(t, 'study', { 'pipeline.config.json': written });
  const found = await old.run('config', '--set', 'losses.cells=20');
  assert.equal(found.code, 0, found.stderr);
  assert.match(found.stdout, /^joint +\[\]/m);
  assert.match(found.stdout, /^fidelity +null/m);
  assert.match(found.stdout, /^diagnostics.cells +20/m);
});

test('an old stage or target is refused with the new one', () => {
  for (const [old, now] of stageNames) {
    const message = `"${old}" is the old name of a stage, which is now called "${now}"`;
    assert.throws(() => matchTargets(graph, old), { kind: 'usage', message, hint: `type ${now}` });
    const instance = graph.targets.has(`${now}[rank]`) ? `${now}[rank]` : now;
    assert.throws(() => matchTargets(graph, `${old}[rank]`), { message, hint: `type ${instance}` });
  }
});

test('an old stage is refused by the commands that take targets, and as a command', async (t) => {
  const project = new Project(t, 'study', { 'pipeline.config.json': '{}' });
  const [[old, now]] = stageNames;
  const refused = new RegExp(`"${old}" is the old name of a stage, which is now called "${now}"\n`);
  const commands = [['run'], ['plan'], ['status'], ['why'], ['graph'], ['run', '--force']];
  for (const { code, stderr } of await Promise.all(commands.map((args) => project.run(...args, old)))) {
    assert.equal(code, 2, stderr);
    assert.match(stderr, refused);
  }
  const alone = await Promise.all(stageNames.map(([name]) => project.run(name)));
  for (const [i, { code, stderr }] of alone.entries()) {
    assert.equal(code, 2);
    assert.match(
      stderr,
      new RegExp(`unknown command '${stageNames[i][0]}'[\\s\\S]*run ${stageNames[i][1]}\n`),
    );
  }
});

test('an old output is refused with the new one', () => {
  for (const [old, now] of outputs) {
    const told = unknownOutput(old, [], renamed);
    assert.deepEqual([told.kind, told.hint], ['usage', `it is now called "${now}"`]);
  }
  const { hint } = unknownOutput('losses/rank.arrow', [], renamed);
  assert.equal(hint, 'it is now called "diagnostics/rank.arrow"');
  for (const [old, now] of stageNames) {
    assert.equal(
      unknownOutput(`${old}[rank].table`, [], renamed).hint,
      `the stage "${old}" is now called "${now}"`,
    );
  }
});

test('the Makefile has every stage, and no old one', () => {
  const makefile = readFileSync(new URL('../../Makefile', import.meta.url), 'utf8');
  const listed = /^STAGES := (.*)$/m.exec(makefile)![1].split(' ');
  assert.deepEqual(listed.toSorted(), stages.map(({ name }) => name).sort());
});
