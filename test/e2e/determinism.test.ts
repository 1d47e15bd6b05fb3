import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { Project } from '../helpers/project.ts';

const seed = Number(process.env.SEED ?? 1);

test('one worker, two, three and seven give byte-identical outputs', async () => {
  const outputs: Record<string, string>[] = [];
  for (const workers of ['1', '2', '3', '7']) {
    const project = new Project();
    Object.assign(project.config, { perturb: { cellsPerType: 3, genesPerCell: 3 } });
    const { code, stdout } = await project.run('--workers', workers);
    assert.equal(code, 0, stdout.slice(-3000));
    outputs.push(project.hashes());
    project.remove();
  }
  assert.ok(Object.keys(outputs[0]).length > 10);
  for (const others of outputs.slice(1)) assert.deepEqual(others, outputs[0]);
});

test('killed at random moments, the study ends with the bytes of an undisturbed run', async () => {
  const reference = new Project();
  const started = performance.now();
  assert.equal((await reference.run()).code, 0);
  const wholeMs = performance.now() - started;
  const expected = reference.hashes();
  reference.remove();
  const stream = randomSource(seed, 'kill').stream('moments');
  for (let round = 0; round < 4; round++) {
    const project = new Project();
    let killed = 0;
    for (let kill = 0; kill < 3; kill++) {
      const { child, outcome } = project.start('run', '--json');
      const timer = setTimeout(() => child.kill('SIGKILL'), 100 + stream.float64() * 0.6 * wholeMs);
      if ((await outcome).code === null) killed++;
      clearTimeout(timer);
    }
    assert.ok(killed > 0, `SEED=${seed}: no run was killed`);
    const { code, stdout } = await project.run();
    assert.equal(code, 0, `SEED=${seed}, round ${round}: ${stdout.slice(-3000)}`);
    assert.deepEqual(project.hashes(), expected, `SEED=${seed}, round ${round}`);
    assert.deepEqual(readdirSync(project.path('artifacts/tmp')), [], 'nothing half-written is left');
    project.remove();
  }
});

test('the first Ctrl-C drains and the next run goes on; exit code 130', async () => {
  const project = new Project();
  project.config.embeddings.expressionUmap.epochs = 4000;
  const { child, outcome } = project.start('run', '--json');
  let told = '';
  await new Promise<void>((seen, fail) => {
    child.stdout.on('data', (text: string) => {
      told += text;
      if (told.includes('"type":"action-progress","target":"embed[expressionUmap]"')) seen();
    });
    child.once('close', () => fail(new Error(`ended before it could be interrupted: ${told}`)));
  });
  child.kill('SIGINT');
  const { code, events } = await outcome;
  assert.equal(code, 130);
  assert.ok(events.some((e) => e.type === 'draining'));
  assert.ok(events.some((e) => e.type === 'target-finished' && e.target === 'embed[expressionUmap]'));
  const second = await project.run();
  assert.equal(second.code, 0, second.stderr);
  assert.ok(!second.ran.includes('embed[expressionUmap]'));
  project.remove();
});
