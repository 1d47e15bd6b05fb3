/** The second layout of the reference, a control of the fidelity, is an instance of `embed`. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import embed from '../../stages/embed.ts';
import fidelity from '../../stages/fidelity.ts';
import { useKernels } from '../helpers/kernels.ts';
import { runStage, withDefaults } from '../helpers/run-stage.ts';

useKernels();

const CELLS = 40;
const cellIds = Array.from({ length: CELLS }, (_, i) => `cell${i}`);
const labels = cellIds.map((_, i) => (i % 2 === 0 ? 'even' : 'odd'));
const steps = [0, 1, CELLS - 1, 2, CELLS - 2];
const ring = {
  cellIds,
  k: steps.length,
  indices: Int32Array.from(cellIds.flatMap((_, i) => steps.map((step) => (i + step) % CELLS))),
  distances: Float32Array.from(cellIds.flatMap(() => [0, 1, 1, 2, 2])),
};
const stream = randomSource(3, 'test').stream('rows');
const values = Float32Array.from({ length: CELLS * 6 }, () => stream.float64());
const inputs = {
  sample: { kind: 'table', read: async () => ({ cell_id: cellIds, label: labels }) },
  neighbors: { kind: 'neighbors', read: async () => ring },
  rows: { kind: 'embedding', read: async () => ({ cellIds, labels, dims: 6, values }) },
};

const configOf = (options: object = {}, controls: string[] = ['second-layout']) =>
  withDefaults(embed, {
    dataset: { source: 'simulated' },
    encodings: { expression: { kind: 'lognorm', genes: 'hvg' } },
    fidelity: {
      reference: null,
      metrics: ['pearson'],
      referenceMetric: 'pearson',
      neighbors: [15],
      bootstrap: 0,
      seeds: 1,
      controls,
    },
    embeddings: { a: { method: 'umap', of: 'expression', neighbors: 5, epochs: 30, dims: 3, ...options } },
  });

test('it is there if it is compared, is read by its ceiling, and is not published', () => {
  const config = configOf({ companion2d: true }) as never;
  assert.deepEqual(embed.each!(config), ['a', 'a:second']);
  assert.equal(fidelity.inputs(config, 'ceiling:second-layout').second!.ref, 'embed[a:second].embedding');
  const { publish, optional } = embed.outputs.companion;
  const published = publish as (config: never, instance: string) => string | undefined;
  assert.equal(published(config, 'a'), 'embeddings/[instance].2d.arrow');
  assert.equal(published(config, 'a:second'), undefined);
  assert.equal((optional as (config: never, instance: string) => boolean)(config, 'a:second'), true);
  assert.deepEqual(embed.each!(configOf({}, ['depth']) as never), ['a']);
  assert.deepEqual(embed.each!(configOf({ fitCells: 20 }) as never), ['a']);
});

/** First 16 digits of the SHA-256 of coordinates that a stage of their own gave, before it was an instance of embed. */
const KEPT = [
  [{}, '15b0fec6dddae363'],
  [{ init: 'pca', companion2d: true }, 'fc0ce306d2c51984'],
  [{ init: 'random', seed: 5 }, 'c2bf20afd8261988'],
] as const;

test('its numbers are those that they have always been, and not those of the first layout', async () => {
  for (const [options, digits] of KEPT) {
    const layout = async (instance: string) => {
      const made = await runStage(embed, configOf(options), instance, inputs, { seed: 7 });
      const { values: found } = await made.embedding.read();
      return createHash('sha256')
        .update(new Uint8Array(found.buffer, found.byteOffset, found.byteLength))
        .digest('hex');
    };
    const second = await layout('a:second');
    assert.equal(second.slice(0, 16), digits, JSON.stringify(options));
    assert.notEqual(second, await layout('a'));
  }
});
