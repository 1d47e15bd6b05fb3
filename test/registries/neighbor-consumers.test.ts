/** A new consumer of neighbours is one file and one line; requests in one space and metric meet in one search. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Project } from '../helpers/project.ts';
import { register } from './register.ts';

const project = new Project({ code: true });
after(() => project.remove());

const CONSUMER = `import type { NeighborRequest } from '../../neighbors/requests.ts';

export const neighborRequests = (_config: object): NeighborRequest[] => [
  { of: 'expression', metric: 'euclidean', k: 31, fitCells: null },
];
`;

test('a consumer that one file and one line add widens the one search of its space', async () => {
  const embedded = ['neighbors[expression-euclidean-15]'];
  const before = await project.run(...embedded);
  assert.equal(before.code, 0, before.stderr);
  register(project, {
    file: 'lib/evaluation/scores/wide-requests.ts',
    text: CONSUMER,
    registry: 'lib/study/neighbor-consumers.ts',
    line: "export { neighborRequests as wide } from '../evaluation/scores/wide-requests.ts';",
  });
  const { code, stderr, events, ran } = await project.run(...embedded);
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    ran,
    ['neighbors[expression-euclidean-31]', ...embedded],
    'the stage itself is the same code',
  );
  const parts = events.flatMap((e) =>
    e.type === 'action-started' && !/^(run|merge|plan \d+)$/.test(e.action) ? [e.target] : [],
  );
  assert.ok(parts.includes('neighbors[expression-euclidean-31]'));
  assert.ok(!parts.includes(embedded[0]), 'which takes the first neighbours of the wide lists');
});
