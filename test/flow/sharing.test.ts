import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessagePort } from 'node:worker_threads';
import { Sharing } from '../../lib/flow/sharing.ts';
import { Slots } from '../../lib/flow/slots.ts';

/** A port that writes down what it is told. */
function port() {
  const told: unknown[] = [];
  return { told, port: { postMessage: (m: unknown) => told.push(m) } as unknown as MessagePort };
}

test('the first that asks makes the value; those that ask meanwhile wait for it; later ones have it at once', () => {
  const sharing = new Sharing();
  const [a, b, c] = [port(), port(), port()];
  sharing.handle('t', { type: 'share', name: 'x' }, a.port);
  sharing.handle('t', { type: 'share', name: 'x' }, b.port);
  assert.deepEqual(a.told, [{ name: 'x', make: true }]);
  assert.deepEqual(b.told, []);
  sharing.handle('t', { type: 'shared', name: 'x', value: 7 }, a.port);
  assert.deepEqual(b.told, [{ name: 'x', make: false, value: 7 }]);
  sharing.handle('t', { type: 'share', name: 'x' }, c.port);
  assert.deepEqual(c.told, [{ name: 'x', make: false, value: 7 }]);
});

test('if the maker fails or dies, the next that waits makes the value', () => {
  const sharing = new Sharing();
  const [a, b, c] = [port(), port(), port()];
  for (const { port: p } of [a, b, c]) sharing.handle('t', { type: 'share', name: 'x' }, p);
  sharing.handle('t', { type: 'not-shared', name: 'x' }, a.port);
  assert.deepEqual(b.told, [{ name: 'x', make: true }]);
  sharing.leave('t', b.port);
  assert.deepEqual(c.told, [{ name: 'x', make: true }]);
});

test('values belong to one target and go with it', () => {
  const sharing = new Sharing();
  const [a, b] = [port(), port()];
  sharing.handle('t', { type: 'share', name: 'x' }, a.port);
  sharing.handle('t', { type: 'shared', name: 'x', value: 1 }, a.port);
  sharing.handle('u', { type: 'share', name: 'x' }, b.port);
  assert.deepEqual(b.told, [{ name: 'x', make: true }]);
  sharing.drop('t');
  sharing.handle('t', { type: 'share', name: 'x' }, b.port);
  assert.deepEqual(b.told, [
    { name: 'x', make: true },
    { name: 'x', make: true },
  ]); // prettier-ignore
});

test('actions come in by priority, within cores and memory; one for all cores is not overtaken', async () => {
  const slots = new Slots(2, 100);
  const order: string[] = [];
  const ask = (name: string, priority: number, cores: number, memoryBytes: number) =>
    slots.acquire({ priority, cores, memoryBytes }).then((leave) => {
      order.push(name);
      return leave;
    });
  const first = await ask('first', 0, 1, 60);
  const heavy = ask('heavy', 9, 1, 60); // waits for memory, and lets lighter ones pass
  const light = await ask('light', 1, 1, 30);
  const wide = ask('wide', 8, 2, 10);
  const late = ask('late', 1, 1, 10);
  light();
  await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(order, ['first', 'light']);
  first();
  (await heavy)();
  (await wide)();
  (await late)();
  assert.deepEqual(order, ['first', 'light', 'heavy', 'wide', 'late']);
});
