import assert from 'node:assert/strict';
import test from 'node:test';
import { VarintReader, VarintWriter } from '../../lib/data/files/varint.ts';

test('numbers up to 2^53 come back, in as few bytes as they need', () => {
  const numbers = Array.from({ length: 54 }, (_, bits) => [2 ** bits - 1, 2 ** bits]).flat();
  const many = [...numbers, ...Array.from({ length: 3000 }, (_, i) => i * i)];
  const writer = new VarintWriter();
  for (const number of many) writer.write(number);
  const reader = new VarintReader(writer.bytes());
  for (const number of many) assert.equal(reader.read(), number);
  assert.ok(reader.isDone);
});

test('bytes are those of unsigned LEB128', () => {
  const writer = new VarintWriter();
  for (const number of [0, 127, 128, 624_485]) writer.write(number);
  assert.deepEqual([...writer.bytes()], [0, 0x7f, 0x80, 0x01, 0xe5, 0x8e, 0x26]);
  assert.ok(new VarintReader(new Uint8Array(0)).isDone);
});
