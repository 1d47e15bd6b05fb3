/**
 * Whole runs killed at random moments: of the toy project, and of the small study on a simulated atlas by the
 * command line. A project is run and killed a few times in a row, then left to come to its end: with the bytes of
 * an undisturbed run, nothing that was committed made again, and a store in which `verify` finds nothing.
 *
 *     SEED=1 KILLS=500 node test/campaigns/kills.ts
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { randomSource } from '../../lib/flow/random.ts';
import { filesIn, forget, requireRecovery, start, toyArguments } from '../flow/crash-support.ts';
import { ToyProject } from '../flow/toy-project.ts';
import { Project } from '../helpers/project.ts';

const SEED = Number(process.env.SEED ?? 1);
const KILLS = Number(process.env.KILLS ?? 500);
/** One in so many kills hits the study. */
const STUDY_EVERY = 10;
console.log(`SEED=${SEED} KILLS=${KILLS}`);
const stream = randomSource(SEED, 'kills').stream('moments');
const done = { toys: 0, study: 0, escaped: 0 };

/** Lets a process run for so long. Whether it was killed before its end. */
async function killAfter(ms: number, { child, ended }: ReturnType<typeof start>): Promise<boolean> {
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  const { code } = await ended;
  clearTimeout(timer);
  if (code !== null) done.escaped++;
  return code === null;
}

const runner = fileURLToPath(new URL('../flow/run-toys.ts', import.meta.url));
const toys = await ToyProject.create();
toys.config = { count: 80, maps: { one: { times: 1, slow: 15 }, two: { times: 2, noise: true, slow: 15 } } };
const reference = await toys.cleanCopy();
await reference.run();

async function killToys(): Promise<void> {
  const inARow = 1 + stream.int(6);
  for (let i = 0; i < inARow; i++) {
    const killed = await killAfter(100 + stream.int(1100), start([runner, ...toyArguments(toys)]));
    if (killed) done.toys++;
    else break;
  }
  await requireRecovery(toys, reference, `SEED=${SEED}, after ${done.toys} kills of toys`);
  forget(toys);
}

const study = new Project();
assert.equal((await study.run('--workers', '2')).code, 0);
const hashes = study.hashes();
const store = study.path('artifacts');
const right = { objects: filesIn(store, 'objects'), actions: filesIn(store, 'actions') };

async function killStudy(): Promise<void> {
  rmSync(store, { recursive: true });
  const inARow = 1 + stream.int(6);
  for (let i = 0; i < inARow; i++) {
    const { child, outcome } = study.start('run', '--json', '--workers', '2');
    const ended = outcome.then(({ code, stdout }) => ({ code, output: stdout }));
    if (await killAfter(200 + stream.int(7000), { child, ended } as never)) done.study++;
    else break;
  }
  const label = `SEED=${SEED}, after ${done.study} kills of the study`;
  const committed = filesIn(store, 'actions').length;
  const { code, stderr, events } = await study.run('--workers', '2');
  assert.equal(code, 0, `${label}: ${stderr}`);
  assert.deepEqual(study.hashes(), hashes, label);
  assert.deepEqual(filesIn(store, 'objects'), right.objects, label);
  assert.deepEqual(filesIn(store, 'actions'), right.actions, label);
  const made = events.filter(({ type }) => type === 'action-started').length;
  assert.equal(made, right.actions.length - committed, `${label}: what is committed is not made again`);
  const verified = await study.rankloom('verify');
  assert.equal(verified.code, 0, `${label}: ${verified.stdout}`);
  assert.deepEqual(filesIn(store, 'tmp'), [], label);
}

while (done.toys + done.study < KILLS) {
  if (done.study * STUDY_EVERY < done.toys) await killStudy();
  else await killToys();
  const { toys, study, escaped } = done;
  console.log(
    `${toys + study} kills (${study} of the study), all recovered; ${escaped} runs ended before it`,
  );
}
toys.remove();
reference.remove();
study.remove();
