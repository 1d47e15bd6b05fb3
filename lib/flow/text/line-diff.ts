/** Unified diff of two texts, by lines: a shortest edit script (Myers 1986, An O(ND) difference algorithm). */

export interface DiffLine {
  /** Sign of the line: ' ' in both texts, '-' only in the old one, '+' only in the new one, '@' the head of a hunk. */
  readonly sign: ' ' | '-' | '+' | '@';
  readonly text: string;
}

/** Maximum edits for which a shortest script is searched; beyond it, the differing middle is shown as replaced. */
const MAX_EDITS = 1000;

/**
 * Compares two texts by lines.
 *
 * @param context number of lines shown around a change
 * @returns the lines of all hunks; none if the texts are equal
 */
export function diffLines(before: string, now: string, context = 3): DiffLine[] {
  return hunks(editScript(linesOf(before), linesOf(now)), context);
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

type Edit = DiffLine & { readonly sign: ' ' | '-' | '+' };

function editScript(a: readonly string[], b: readonly string[]): Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (lines: readonly string[]): Edit[] => lines.map((text) => ({ sign: ' ', text }));
  return [
    ...same(a.slice(0, head)),
    ...shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail)),
  ];
}

/** Myers' greedy forward search; keeps the furthest points of each round for backtracking. */
function shortest(a: readonly string[], b: readonly string[]): Edit[] {
  const limit = Math.min(a.length + b.length, MAX_EDITS);
  const offset = limit + 1;
  const furthest = new Int32Array(2 * offset + 1);
  const rounds: Int32Array[] = [];
  for (let d = 0; d <= limit; d++) {
    rounds.push(furthest.slice());
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && furthest[offset + k - 1] < furthest[offset + k + 1]);
      let x = down ? furthest[offset + k + 1] : furthest[offset + k - 1] + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return wayBack(a, b, rounds, offset);
    }
  }
  return [...a.map((text): Edit => ({ sign: '-', text })), ...b.map((text): Edit => ({ sign: '+', text }))];
}

function wayBack(
  a: readonly string[],
  b: readonly string[],
  rounds: readonly Int32Array[],
  offset: number,
): Edit[] {
  const edits: Edit[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = rounds.length - 1; d >= 0; d--) {
    const furthest = rounds[d];
    const k = x - y;
    const down = k === -d || (k !== d && furthest[offset + k - 1] < furthest[offset + k + 1]);
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : furthest[offset + fromK];
    const fromY = d === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      edits.push({ sign: ' ', text: a[--x] });
      y--;
    }
    if (d === 0) break;
    if (down) edits.push({ sign: '+', text: b[--y] });
    else edits.push({ sign: '-', text: a[--x] });
  }
  return edits.reverse();
}

function hunks(edits: readonly Edit[], context: number): DiffLine[] {
  const lines: DiffLine[] = [];
  let oldLine = 1;
  let newLine = 1;
  let shownTo = 0;
  const near = edits.map(() => false);
  for (const [i, { sign }] of edits.entries()) {
    if (sign === ' ') continue;
    for (let j = Math.max(0, i - context); j <= Math.min(edits.length - 1, i + context); j++) near[j] = true;
  }
  for (const [i, edit] of edits.entries()) {
    if (near[i]) {
      if (i === 0 || shownTo !== i) lines.push({ sign: '@', text: `@@ -${oldLine} +${newLine} @@` });
      lines.push(edit);
      shownTo = i + 1;
    }
    if (edit.sign !== '+') oldLine++;
    if (edit.sign !== '-') newLine++;
  }
  return lines;
}
