/** Relations with a known answer that no other test shows; fixtures.test.ts lists where the others are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/flow/random.ts';
import { neighborPurity } from '../../lib/neighbors/purity.ts';
import { encode } from '../encodings/encode.ts';

test('property 8: expected multiplicities of UCE sum to the size of the bag, for any cell', async () => {
  const stream = new RandomStream(8, 8);
  const rows = Array.from({ length: 20 }, () =>
    Array.from({ length: 50 }, () => stream.int(4) * stream.int(9)),
  );
  const { dense } = await encode({ kind: 'uce' }, rows);
  for (const row of dense) assert.ok(Math.abs(row.reduce((sum, x) => sum + x, 0) - 1024) < 1e-3);
});

test('property 12: with two batches that are alike, half of the neighbours of other types share the batch', () => {
  const stream = new RandomStream(12, 12);
  const [cells, k] = [2000, 20];
  const label = Array.from({ length: cells }, () => 'ABC'[stream.int(3)]);
  const batch = Array.from({ length: cells }, () => 'xy'[stream.int(2)]);
  // Neighbours lean to the own type, and know nothing of batches.
  const indices = Int32Array.from({ length: cells * (k + 1) }, (_, e) => {
    const cell = Math.floor(e / (k + 1));
    if (e % (k + 1) === 0) return cell;
    for (;;) {
      const other = stream.int(cells);
      if (other !== cell && (label[other] === label[cell] || stream.float64() < 0.5)) return other;
    }
  });
  const distances = Float32Array.from(indices, (_, e) => e % (k + 1));
  const [all] = neighborPurity({ cellIds: [], k: k + 1, indices, distances }, [], { label, batch }, [k]);
  assert.equal(all.label, null);
  const others = 1 - all.sameLabel;
  assert.ok(others > 0.3 && others < 0.7);
  assert.ok(Math.abs(all.sameBatchOtherLabel - others / 2) < 0.01, `${all.sameBatchOtherLabel} of ${others}`);
  assert.ok(Math.abs(all.sameBatch - 0.5) < 0.01);
});
