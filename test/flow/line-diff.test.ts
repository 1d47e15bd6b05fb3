/** Unified diffs, and what a stage's code became. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeChanges } from '../../lib/flow/code/change.ts';
import { type RandomStream, randomSource } from '../../lib/flow/random.ts';
import { type DiffLine, diffLines } from '../../lib/flow/text/line-diff.ts';

const shown = (lines: readonly DiffLine[]) => lines.map(({ sign, text }) => `${sign}${text}`);
const numbered = (n: number) => Array.from({ length: n }, (_, i) => `line ${i}`);

test('a changed line is shown with its surroundings', () => {
  const before = numbered(20);
  const now = before.with(10, 'another').toSpliced(18, 0, 'one more');
  assert.deepEqual(shown(diffLines(before.join('\n'), now.join('\n'), 1)), [
    '@@@ -10 +10 @@',
    ' line 9',
    '-line 10',
    '+another',
    ' line 11',
    '@@@ -18 +18 @@',
    ' line 17',
    '+one more',
    ' line 18',
  ]);
  assert.deepEqual(diffLines('a\nb\n', 'a\nb\n'), []);
  assert.deepEqual(shown(diffLines('', 'a\nb\n')), ['@@@ -1 +1 @@', '+a', '+b']);
  assert.deepEqual(shown(diffLines('a\n', '')), ['@@@ -1 +1 @@', '-a']);
});

test('a diff takes one text into the other, and is no longer than need be', () => {
  const stream: RandomStream = randomSource(1, 'diff').stream('texts');
  let n = 0;
  const below = (limit: number) => stream.at(n++).int(limit);
  for (let round = 0; round < 200; round++) {
    const before = Array.from({ length: below(30) }, () => String(below(4)));
    const now = before
      .filter(() => below(5) > 0)
      .flatMap((x) => (below(5) === 0 ? [x, String(below(4))] : [x]));
    const lines = diffLines(before.join('\n'), now.join('\n'), 1000).filter(({ sign }) => sign !== '@');
    if (lines.length === 0) assert.deepEqual(before, now);
    else {
      const side = (...signs: string[]) =>
        lines.filter(({ sign }) => signs.includes(sign)).map((l) => l.text);
      assert.deepEqual(side(' ', '-'), before);
      assert.deepEqual(side(' ', '+'), now);
      assert.equal(side(' ').length, longestCommon(before, now), `${before} | ${now}`);
    }
  }
});

/** Length of a longest common subsequence, by the textbook. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i][j] =
        a[i - 1] === b[j - 1] ? table[i - 1][j - 1] + 1 : Math.max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[a.length][b.length];
}

test('modules, packages and assets are told apart; what was only renamed is not told', () => {
  const texts: Record<string, string> = { h1: 'a\n', h2: 'b\n' };
  const changes = codeChanges(
    { 'x.ts': 'h1', 'old.ts': 'same', 'k.wasm': 'w1', 'npm:node_modules/zod': '1.0.0 sha' },
    { 'x.ts': 'h2', 'new.ts': 'same', 'k.wasm': 'w2', 'npm:node_modules/zod': '1.0.1 sha' },
    (hash) => texts[hash],
  );
  assert.deepEqual(
    changes.map(({ diff, ...rest }) => ({ ...rest, diff: diff && shown(diff) })),
    [
      { name: 'k.wasm', change: 'changed', diff: undefined },
      { name: 'zod', change: 'changed', versions: { old: '1.0.0', new: '1.0.1' }, diff: undefined },
      { name: 'x.ts', change: 'changed', diff: ['@@@ -1 +1 @@', '-a', '+b'] },
    ],
  );
});
