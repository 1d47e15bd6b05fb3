import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { SharedValues } from '../../lib/flow/workers/shared-values.ts';
import type { ThreadMessage, ThreadTask } from '../../lib/flow/workers/thread-protocol.ts';
import { threadCache } from '../../lib/flow/workers/worker-cache.ts';
import { sharedBytes } from '../../lib/shared-memory.ts';

/** A port that writes down what it is told. */
function port() {
  const told: unknown[] = [];
  return { told, port: { postMessage: (m: unknown) => told.push(m) } as unknown as MessagePort };
}

test('the first that asks makes the value; those that ask meanwhile wait for it; later ones have it at once', () => {
  const values = new SharedValues();
  const [a, b, c] = [port(), port(), port()];
  values.handle('t', { type: 'share', name: 'x' }, a.port);
  values.handle('t', { type: 'share', name: 'x' }, b.port);
  assert.deepEqual(a.told, [{ target: 't', name: 'x', make: true }]);
  assert.deepEqual(b.told, []);
  values.handle('t', { type: 'shared', name: 'x', value: 7 }, a.port);
  assert.deepEqual(b.told, [{ target: 't', name: 'x', make: false, value: 7 }]);
  values.handle('t', { type: 'share', name: 'x' }, c.port);
  assert.deepEqual(c.told, [{ target: 't', name: 'x', make: false, value: 7 }]);
});

test('if the maker fails or dies, the next that waits makes the value', () => {
  const values = new SharedValues();
  const [a, b, c] = [port(), port(), port()];
  for (const { port: p } of [a, b, c]) values.handle('t', { type: 'share', name: 'x' }, p);
  values.handle('t', { type: 'not-shared', name: 'x' }, a.port);
  assert.deepEqual(b.told, [{ target: 't', name: 'x', make: true }]);
  values.leave('t', b.port);
  assert.deepEqual(c.told, [{ target: 't', name: 'x', make: true }]);
});

test('values belong to one target and go with it', () => {
  const values = new SharedValues();
  const [a, b] = [port(), port()];
  values.handle('t', { type: 'share', name: 'x' }, a.port);
  values.handle('t', { type: 'shared', name: 'x', value: 1 }, a.port);
  values.handle('u', { type: 'share', name: 'x' }, b.port);
  assert.deepEqual(b.told, [{ target: 'u', name: 'x', make: true }]);
  values.drop('t');
  values.handle('t', { type: 'share', name: 'x' }, b.port);
  assert.deepEqual(b.told, [
    { target: 'u', name: 'x', make: true },
    { target: 't', name: 'x', make: true },
  ]);
});

test('a value goes with the last thread that lets go of it, and is made anew for the next', () => {
  const values = new SharedValues();
  const [a, b] = [port(), port()];
  const letGo = { type: 'let-go', target: 't', name: 'x' } as const;
  values.handle('t', { type: 'share', name: 'x' }, a.port);
  values.handle('t', letGo, b.port); // not made yet: nobody has it
  values.handle('t', { type: 'shared', name: 'x', value: 1 }, a.port);
  values.handle('t', { type: 'share', name: 'x' }, b.port);
  values.handle('u', letGo, a.port); // from a task of another target
  values.handle('t', { type: 'share', name: 'x' }, a.port);
  assert.deepEqual(a.told.at(-1), { target: 't', name: 'x', make: false, value: 1 });
  for (const { port: p } of [a, b]) values.handle('u', letGo, p);
  values.handle('t', { type: 'share', name: 'x' }, b.port);
  assert.deepEqual(b.told.at(-1), { target: 't', name: 'x', make: true });
});

test('shared memory is found in plain data, once, and no other', () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 4, shared: true });
  const buffer = new SharedArrayBuffer(100);
  const value = { rows: { memory }, again: memory, list: [new Uint8Array(buffer)], own: new Uint8Array(999) };
  assert.equal(sharedBytes(value, value, null, 7), 2 * 65536 + 100);
  const cyclic: { self?: unknown; buffer: SharedArrayBuffer } = { buffer };
  cyclic.self = cyclic;
  assert.equal(sharedBytes(cyclic), 100);
});

/** A task of a thread, and the main thread's side of it. */
function taskOf(values: SharedValues, target: string) {
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (message: ThreadMessage) => {
    if (message.type === 'let-go' || message.type.includes('share'))
      values.handle(target, message as Parameters<SharedValues['handle']>[1], port1);
  });
  return {
    ...({ module: 'm', params: target, inputs: {}, rounds: [] } as unknown as ThreadTask),
    port: port2,
  };
}

test('a large shared memory is given back when it is forgotten, and when another target comes along', async () => {
  const values = new SharedValues();
  const first = taskOf(values, 'a');
  const cache = threadCache(first);
  const made: WeakRef<WebAssembly.Memory>[] = [];
  const make = async () => {
    const memory = new WebAssembly.Memory({ initial: 640, maximum: 640, shared: true });
    made.push(new WeakRef(memory));
    return { memory };
  };
  for (const name of ['x', 'y', 'x']) await cache.shared(name, make);
  assert.equal(made.length, 2);
  await turn();
  cache.forget('y');
  await turn();
  assert.deepEqual(
    made.map((memory) => memory.deref() === undefined),
    [false, true],
  );
  await turn();
  const second = taskOf(values, 'b');
  threadCache(second);
  await turn();
  assert.equal(made[0].deref(), undefined);
  first.port.close();
  second.port.close();
});
