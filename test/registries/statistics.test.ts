/** A new statistic over pairs of cells is one file and one line. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parquet } from '../../lib/data/kinds/parquet.ts';
import { encodingsTable } from '../../lib/data/results/tables.ts';
import { Project } from '../helpers/project.ts';
import { register } from './register.ts';

const project = new Project({ code: true });
after(() => project.remove());

const STATISTIC = `import { mapEstimate } from '../../../stats/estimate.ts';
import { separation } from '../separation.ts';
import { defineStatistic } from '../statistic-definition.ts';

export const odds = defineStatistic({
  name: 'odds',
  of: 'one view',
  ofNeighbors: false,
  measure: (view, resamples) => mapEstimate(separation(view, resamples).auroc, (auroc) => auroc / (1 - auroc)),
});
`;

test('a statistic that one file and one line add stands in encodings.parquet, with intervals', async () => {
  project.config.embeddings = {};
  project.config.measures = { ranks: { of: 'rank', metric: 'spearman', cutoffs: [] } };
  project.config.joint = [];
  project.config.fidelity = { bootstrap: 20, controls: [], neighbors: [5] };
  const before = await project.run('summarize');
  assert.equal(before.code, 0, before.stderr);
  register(project, {
    file: 'lib/evaluation/fidelity/statistics/odds.ts',
    text: STATISTIC,
    registry: 'lib/evaluation/fidelity/statistics.ts',
    line: "export { odds } from './statistics/odds.ts';",
  });
  const { code, stderr, ran } = await project.run('summarize');
  assert.equal(code, 0, stderr);
  assert.deepEqual(ran, ['summarize'], 'all pairs of cells are known already');
  const table = await parquet(encodingsTable).input(project.latest('encodings.parquet')).read();
  const rowsOf = (statistic: string) =>
    table.statistic.flatMap((name, i) => (name === statistic && table.resampled[i] === 'cells' ? [i] : []));
  const [odds, auroc] = [rowsOf('odds'), rowsOf('auroc')];
  assert.ok(odds.length > 0 && odds.length === auroc.length, `${odds.length} rows`);
  for (const [i, row] of odds.entries()) {
    const p = table.value[auroc[i]];
    assert.ok(Math.abs(table.value[row] - p / (1 - p)) < 1e-12);
    assert.ok(table.lo[row] < table.value[row] && table.value[row] < table.hi[row]);
  }
});
