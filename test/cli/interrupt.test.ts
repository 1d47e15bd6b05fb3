import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
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
  assert.match(stderr, /Stopped in .* What has finished is in the store: run again to resume\.\n$/);
  const next = await project.run('run');
  assert.equal(next.code, 0);
  assert.match(next.stderr, /Done in .*: 1 computed, 2 reused\.\n$/);
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
  assert.doesNotMatch(stderr, /will finish|Ctrl-C/);
  assert.match(stderr, /\nSIGTERM: 1 running target will be ended now\.\n/);
});

test('a run goes on when its terminal is closed, also if that is told by SIGHUP', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  const running = project.start('run');
  await running.shows('▶ scale[slow]');
  process.kill(running.pid, 'SIGHUP');
  const { code, stderr } = await running.result;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Done in/);
});

const QUICK = { 'pipeline.config.ts': 'export default {};\n' };

/** Runs a shell line with `$0` as the command. */
const shell = (project: Project, line: string) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
    const main = fileURLToPath(new URL('./toy/main.ts', import.meta.url));
    execFile(
      'sh',
      ['-c', line.replaceAll('toy ', `'${process.execPath}' '${main}' `)],
      { cwd: project.dir },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

const noDevice = existsSync('/dev/full') ? false : 'there is no /dev/full';

test('a run comes to its end whether or not what it says can be written', { skip: noDevice }, async (t) => {
  for (const where of [
    '2> /dev/full',
    '2>&-',
    '>&- 2>&-',
    '2>&1 | head -n 1',
    '< /dev/null > /dev/full 2>&1',
  ]) {
    const project = new Project(t, 'toy', QUICK);
    await shell(project, `toy run ${where}`);
    assert.ok(existsSync(join(project.dir, 'artifacts', 'latest', 'total.json')), where);
    assert.deepEqual(readdirSync(join(project.dir, 'artifacts', 'locks')), [], where);
  }
});

test('data that a full disk does not take end in 5, when all else is done', { skip: noDevice }, async (t) => {
  const project = new Project(t, 'toy', QUICK);
  const { code, stderr } = await shell(project, 'toy run --json > /dev/full');
  assert.equal(code, 5);
  assert.match(stderr, /^error: stdout did not take all that was printed: .*ENOSPC/);
  assert.ok(existsSync(join(project.dir, 'artifacts', 'latest', 'total.json')));
  assert.equal((await shell(project, 'toy status > /dev/full')).code, 5);
});

/** Runs its arguments in a terminal and takes that away when the text has appeared. Prints the exit code. */
const TERMINAL = `
import os, pty, sys
text = sys.argv[1].encode()
pid, master = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
seen = b''
while text not in seen: seen += os.read(master, 65536)
os.close(master)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
const python = spawnSync('python3', ['-c', 'import pty']).status === 0;

test('a run comes to its end when its terminal goes away', {
  skip: python ? false : 'there is no Python with pty',
}, async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  project.write('terminal.py', TERMINAL);
  const { stdout } = await shell(project, `python3 terminal.py 'of 3 targets' toy run`);
  assert.equal(stdout, '0\n');
  assert.ok(existsSync(join(project.dir, 'artifacts', 'latest', 'total.json')));
  assert.deepEqual(readdirSync(join(project.dir, 'artifacts', 'locks')), []);
});

test('what a killed run left is told by the next, once', async (t) => {
  const project = new Project(t, 'toy', {
    'pipeline.config.ts': 'export default { scale: { slow: { by: 2, waitMs: 60000 } } };\n',
  });
  const running = project.start('run');
  await running.shows('▶ scale[slow]');
  process.kill(running.pid, 'SIGKILL');
  await running.result;
  const next = await project.run('run', 'numbers');
  assert.equal(next.code, 0, next.stderr);
  assert.match(
    next.stderr,
    new RegExp(
      `^warning: an earlier run \\(\\S+\\) of process ${running.pid} on this machine \\(toy run, since \\S+\\) ended without a record; 1 target under way: scale\\[slow\\]`,
    ),
  );
  assert.doesNotMatch((await project.run('run', 'numbers')).stderr, /warning/);
});

test('a second run says for whom it waits', async (t) => {
  const project = new Project(t, 'toy', {
    'pipeline.config.ts': 'export default { scale: { slow: { by: 2, waitMs: 60000 } } };\n',
  });
  const first = project.start('run');
  await first.shows('▶ scale[slow]');
  const second = project.start('run');
  await second.shows(
    `waiting for scale[slow], held by process ${first.pid} on this machine (toy run, since `,
  );
  process.kill(second.pid, 'SIGTERM');
  process.kill(first.pid, 'SIGTERM');
  assert.equal((await second.result).code, 143);
  assert.equal((await first.result).code, 143);
});
