/** Several processes in one store at once. More of them, and more often: test/campaigns/processes.ts. */
import { test } from 'node:test';
import { killOneOfMany, shareWork } from '../campaigns/processes.ts';

test('two processes with overlapping targets make each action once', () => shareWork(2));

test('one of three is killed in the middle: the others go on to the right end', async () => {
  await killOneOfMany(3, 300);
});
