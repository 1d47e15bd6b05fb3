/** A stage without a target under a config says what of the config would give it one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from '../../lib/config/resolve.ts';
import { buildGraph, matchTargets, selectTargets } from '../../lib/flow/index.ts';
import { stages } from '../../stages/index.ts';

function graphOf(given: object) {
  const { config, problems } = checkConfig(stages, { seed: 0, ...given });
  assert.deepEqual(problems, []);
  return buildGraph(stages, config, { seed: 0, root: '/' });
}

test('a section that is null is to be added, one that is empty is called so', () => {
  const bare = {
    embeddings: {},
    measures: {},
    joint: [],
    purity: { k: [] },
    fidelity: null,
    diagnostics: null,
    perturb: null,
  };
  const graph = graphOf(bare);
  const told: Record<string, string> = {
    embed: 'embed is off: embeddings is empty in the config',
    similarity: 'similarity is off: measures is empty in the config',
    joint: 'joint is off: joint is empty in the config',
    purity: 'purity is off: the config asks for nothing of it, see its key purity',
    fidelity: 'fidelity is off: add fidelity: {} to the config',
    diagnose: 'diagnose is off: add diagnostics: {} to the config',
    perturb: 'perturb is off: add perturb: {} to the config',
  };
  for (const [name, message] of Object.entries(told)) {
    for (const pattern of [name, `${name}[rank]`]) {
      assert.throws(() => matchTargets(graph, pattern), { kind: 'usage', message }, pattern);
    }
  }
});

test('with every section off, summarize and report still have what they read', () => {
  const graph = graphOf({ fidelity: null, diagnostics: null, joint: [], purity: { k: [] } });
  const stagesOf = new Set(
    [...selectTargets(graph, ['report'])].map((id) => graph.targets.get(id)!.stage.name),
  );
  assert.deepEqual([...stagesOf].sort(), [
    'embed',
    'encode',
    'hvg',
    'load',
    'neighbors',
    'report',
    'similarity',
    'subset',
    'summarize',
  ]);
  const { inputs } = graph.targets.get('report')!;
  for (const slot of ['encodings', 'diagnostics', 'perturbations']) assert.equal(inputs[slot], undefined);
  const all = graphOf({ perturb: {} }).targets.get('report')!.inputs;
  for (const slot of ['encodings', 'diagnostics', 'perturbations']) {
    assert.deepEqual(
      { ...all[slot], kind: null },
      { from: 'artifact', target: 'summarize', output: slot, kind: null },
    );
  }
});
