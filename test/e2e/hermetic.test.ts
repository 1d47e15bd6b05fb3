import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Project } from '../helpers/project.ts';

test('the study runs hermetically, and gives the bytes of any other run', async () => {
  const [hermetic, other] = [new Project(), new Project()];
  const { code, stdout } = await hermetic.run('--hermetic');
  assert.equal(code, 0, stdout.slice(-3000));
  assert.equal((await other.run()).code, 0);
  assert.deepEqual(hermetic.hashes(), other.hashes());
  assert.ok(Object.keys(other.hashes()).length > 10);
  hermetic.remove();
  other.remove();
});
