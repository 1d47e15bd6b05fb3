/** The short form of test/campaigns/code-identity.ts: some random graphs of modules; SEED=n begins with another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkGraphs } from '../campaigns/code/check.ts';

const seed = Number(process.env.SEED ?? 1);

test(`20 random graphs of modules: an identity is that of an empty store, and tells values apart (SEED=${seed})`, async (t) => {
  const { states, refused, failing, changing, idle, idleKept } = await checkGraphs(seed, 20, 4);
  t.diagnostic(`${states} states, ${refused} refused, ${failing} failing, ${changing} changes`);
  assert.equal(states, 100);
  assert.ok(refused < 20, 'most can be followed');
  assert.ok(changing > 3, 'some edits matter');
  assert.ok(idleKept >= 0.9 * idle, 'comments and files that nobody uses do not count');
});
