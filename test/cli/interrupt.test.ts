import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Project } from './support.ts';

const CONFIG = {
  'pipeline.config.ts': 'export default { scale: { slow: { by: 2, waitMs: 1500 } } };\n',
};

test('the first Ctrl-C finishes what runs and starts nothing; the next run goes on', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  const running = project.start('run');
  await running.shows('▶ scale[slow]');
  running.interrupt();
  const { code, stdout, stderr } = await running.result;
  assert.equal(code, 130);
  assert.equal(stdout, '');
  assert.match(stderr, /Stopping: 1 running target will finish\. Press Ctrl-C again to stop at once\./);
  assert.match(stderr, /✓ scale\[slow\]/);
  assert.doesNotMatch(stderr, /▶ total/);
  assert.match(stderr, /Stopped in .* What has finished is kept: run again to go on from here\.\n$/);
  const next = await project.run('run');
  assert.equal(next.code, 0);
  assert.match(next.stderr, /Done in .*: 1 run, 2 up to date\.\n$/);
});

test('the second Ctrl-C ends what runs', async (t) => {
  const project = new Project(t, 'toy', {
    'pipeline.config.ts': 'export default { scale: { slow: { by: 2, waitMs: 60000 } } };\n',
  });
  const running = project.start('run');
  await running.shows('▶ scale[slow]');
  running.interrupt();
  await running.shows('Press Ctrl-C again');
  const start = performance.now();
  running.interrupt();
  const { code, stderr } = await running.result;
  assert.equal(code, 130, stderr);
  assert.ok(performance.now() - start < 10_000);
  assert.doesNotMatch(stderr, /✓ scale|internal error/);
  assert.ok(!existsSync(join(project.dir, 'artifacts', 'latest')));
});

test('a reader that closes the pipe is no error', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  const main = fileURLToPath(new URL('./toy/main.ts', import.meta.url));
  const code = await new Promise((done) => {
    const child = spawn(process.execPath, [main, 'config'], {
      cwd: project.dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdout.destroy();
    child.on('close', (status) => done(`${status} ${stderr}`));
  });
  assert.match(String(code), /^0 (\nConfig: .*\n)?$/);
});

test('a scheduler that ends the job with SIGTERM sees 143', async (t) => {
  const project = new Project(t, 'toy', {
    'pipeline.config.ts': 'export default { scale: { slow: { by: 2, waitMs: 60000 } } };\n',
  });
  const running = project.start('run');
  await running.shows('▶ scale[slow]');
  process.kill(running.pid, 'SIGTERM');
  const { code, stderr } = await running.result;
  assert.equal(code, 143, stderr);
  assert.doesNotMatch(stderr, /internal error/);
});
