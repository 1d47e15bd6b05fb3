import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import perturb from '../../stages/perturb.ts';
import { ensemblIds, geneformerOptions, someCounts } from '../encodings/encode.ts';
import { encodedStudy, type Study } from '../evaluation/diagnostics/study.ts';
import { runStage, scratchFolder, withDefaults } from '../helpers/run-stage.ts';

const settings = { depths: [1, 0.5], folds: [1.1, 4], cellsPerType: 3, genesPerCell: 4 };

async function perturbed(study: Study, asked: object = settings, seed = 0) {
  const { config, inputs } = await encodedStudy(study);
  const { perturbations } = await runStage(perturb, { ...config, perturb: asked }, 'it', inputs, { seed });
  const t = await perturbations.read();
  const row = (probe: string, amount: number, label: string | null = null) => {
    const i = t.probe.findIndex(
      (_, k) => t.probe[k] === probe && t.amount[k] === amount && t.label[k] === label,
    );
    return Object.fromEntries(Object.entries(t).map(([name, column]) => [name, column[i]])) as Record<
      keyof typeof t,
      number
    >;
  };
  return { t, row };
}

const rows = someCounts(16, 60, 3);
const labels = rows.map((_, i) => 'AB'[i % 2]);

test('nothing is disturbed unless the config says so', () => {
  const config = { encodings: { it: { kind: 'rank' } } };
  assert.deepEqual(perturb.each!(withDefaults(perturb, config) as never), []);
  const on = withDefaults(perturb, { ...config, perturb: {} }) as never;
  assert.deepEqual(perturb.each!(on), ['it']);
});

test('a cell that keeps all its counts does not move, in any encoding', async () => {
  const vectors = join(scratchFolder(), 'vectors.csv');
  const lines = rows[0].map((_, g) => `${ensemblIds(60)[g]},${g % 5},${(g * 7) % 11},1\n`);
  writeFileSync(vectors, `gene,v1,v2,v3\n${lines.join('')}`);
  const all: Record<string, unknown>[] = [
    { kind: 'counts', genes: 'all' },
    { kind: 'lognorm' },
    { kind: 'rank' },
    { kind: 'rank-detected', ties: 'random' },
    { kind: 'cell2sentence', top: 10, ties: 'random' },
    { kind: 'genept-s' },
    { kind: 'genept-w', vectors, columns: ['v1', 'v2', 'v3'] },
    { kind: 'scgpt', length: 12 },
    { kind: 'scbert' },
    { kind: 'uce' },
    { kind: 'uce', bag: 'sampled' },
    geneformerOptions(rows[0].map((_, g) => 1 + (g % 4))),
  ];
  for (const options of all) {
    const { row } = await perturbed({ rows, labels, ids: ensemblIds(60), options });
    const still = row('depth', 1);
    assert.deepEqual([still.n, still.unchanged, still.mean], [6, 1, 0], JSON.stringify(options));
    const half = row('depth', 0.5);
    assert.ok(half.unchanged < 1 && half.median > 0, JSON.stringify(options));
  }
});

test('a gene that goes up within the gap to the next one changes no order, and every magnitude', async () => {
  // Counts are powers of three, so a factor of 1.1 overtakes nothing, and one of 4 does.
  const powers = [1, 3, 9, 27, 81, 243, 729, 2187, 6561];
  const apart = Array.from({ length: 6 }, (_, c) =>
    Array.from({ length: 9 }, (_, g) => powers[(g * 5 + c) % 9]),
  );
  const study = { rows: apart, labels: apart.map(() => 'A') };
  for (const kind of ['rank', 'rank-detected', 'cell2sentence', 'genept-s']) {
    const { row } = await perturbed({ ...study, options: { kind } });
    assert.equal(row('fold', 1.1).unchanged, 1, kind);
    assert.ok(row('fold', 4).unchanged < 1, kind);
  }
  for (const kind of ['counts', 'lognorm', 'uce']) {
    const { row } = await perturbed({ ...study, options: { kind } });
    assert.equal(row('fold', 1.1).unchanged, 0, kind);
    assert.ok(row('fold', 4).median > row('fold', 1.1).median, kind);
  }
});

test('a cell of which all counts are multiplied keeps its digits, its order and its ranks', async () => {
  // A cell with one gene: a fold multiplies all that it has.
  const single = [0, 1, 2, 3].map((c) => Array.from({ length: 5 }, (_, g) => (g === c ? 7 : 0)));
  for (const options of [{ kind: 'scgpt', side: 'one' }, { kind: 'rank' }, { kind: 'lognorm' }]) {
    const { row } = await perturbed({ rows: single, labels: ['A', 'A', 'B', 'B'], options });
    assert.equal(row('fold', 4).unchanged, 1);
    assert.equal(row('fold', 4).n, 4);
  }
});

test('a type of one cell has no neighbour, and a cell without counts nothing to change', async () => {
  const few = [
    [3, 1, 0, 2],
    [1, 2, 5, 1],
    [0, 0, 0, 0],
    [4, 1, 0, 1],
  ];
  const { row } = await perturbed({
    rows: few,
    labels: ['A', 'A', 'A', 'lone'],
    options: { kind: 'lognorm' },
  });
  const lone = row('fold', 4, 'lone');
  assert.deepEqual([lone.n, lone.n_moved], [3, 0]);
  assert.ok(Number.isNaN(lone.median) && lone.unchanged === 0);
  assert.equal(row('fold', 4, 'A').n, 3 + 4);
  assert.equal(row('depth', 1, 'A').n, 3);
});

test('without depths and folds nothing is disturbed, and the table is empty', async () => {
  const nothing = { ...settings, depths: [], folds: [] };
  const { t } = await perturbed({ rows, labels, options: { kind: 'rank' } }, nothing);
  assert.equal(t.probe.length, 0);
});

test('the seed decides which cells and genes; the other encodings are asked about the same ones', async () => {
  const study = { rows, labels, options: { kind: 'lognorm' } };
  const [a, again, other] = [
    await perturbed(study, settings, 1),
    await perturbed(study, settings, 1),
    await perturbed(study, settings, 2),
  ];
  assert.deepEqual(a.t, again.t);
  assert.notDeepEqual([...a.t.median], [...other.t.median]);
});
