/** Text of config problems: place, line, squiggle, and accepted values. */
import { OperationalError } from '../errors.ts';
import { nearest } from '../flow/text/suggest.ts';
import type { Problem } from './issues.ts';

/** Place of a problem. */
export type Place =
  | {
      readonly from: 'file';
      readonly file: string;
      readonly line: number;
      readonly column: number;
      /** The source line, and how many code units of it the squiggle covers. */
      readonly source: string;
      readonly length: number;
    }
  /** Somewhere in the file; the text does not reveal the place. */
  | { readonly from: 'file'; readonly file: string; readonly line?: undefined }
  | { readonly from: 'option'; readonly text: string };

export interface PlacedProblem extends Problem {
  readonly place: Place;
}

/** Error with all problems of a config at once. */
export class InvalidConfigError extends OperationalError {
  readonly problems: readonly PlacedProblem[];
  /** Text of all problems, ready to be shown. */
  readonly report: string;

  constructor(problems: readonly PlacedProblem[], file: string) {
    const sorted = problems.toSorted(byPlace);
    super('config', `${problems.length} problem${problems.length === 1 ? '' : 's'} in the config`, {
      where: file,
    });
    this.problems = sorted;
    this.report = sorted.map(renderProblem).join('\n\n');
  }
}

/** Sorts problems of the file by their place, before those of the command line. */
function byPlace(a: PlacedProblem, b: PlacedProblem): number {
  return rank(a) - rank(b) || byCodeUnit(optionOf(a), optionOf(b)) || byCodeUnit(a.message, b.message);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const optionOf = ({ place }: PlacedProblem) => (place.from === 'option' ? place.text : '');

function rank({ place }: PlacedProblem): number {
  if (place.from === 'option') return Number.MAX_SAFE_INTEGER;
  return place.line === undefined ? 0 : place.line * 100_000 + place.column;
}

function renderProblem(problem: PlacedProblem): string {
  const lines = [`${renderPlace(problem.place)}  ${problem.message}`];
  const { place } = problem;
  if (place.from === 'file' && place.line !== undefined) lines.push(...renderSource(place));
  const details = [...detailsOf(problem)].join('   ');
  if (details !== '') lines.push(`  ${details}`);
  return lines.join('\n');
}

export function renderPlace(place: Place): string {
  if (place.from === 'option') return place.text;
  return place.line === undefined ? place.file : `${place.file}:${place.line}:${place.column}`;
}

function* detailsOf({ expected, known, knownAs, found }: Problem): Generator<string> {
  if (expected !== undefined) yield `expected ${expected}`;
  if (known === undefined) return;
  yield `known${knownAs === undefined ? '' : ` ${knownAs}`}: ${known.length === 0 ? '(none)' : known.join(', ')}`;
  const suggestion = found === undefined ? undefined : nearest(found, known);
  if (suggestion !== undefined) yield suggestion;
}

const MAX_WIDTH = 100;

function renderSource({
  source,
  column,
  length,
}: {
  source: string;
  column: number;
  length: number;
}): string[] {
  let line = source;
  let start = column - 1;
  let end = Math.min(start + Math.max(1, length), Math.max(source.length, start + 1));
  if (line.length > MAX_WIDTH) {
    // A long line (JSON in one line) is cut to the part around the place.
    const from = Math.max(0, Math.min(start - 30, line.length - MAX_WIDTH));
    const to = Math.min(line.length, from + MAX_WIDTH);
    line = (from > 0 ? '…' : '') + line.slice(from, to) + (to < line.length ? '…' : '');
    start -= from - (from > 0 ? 1 : 0);
    end = Math.min(end - from + (from > 0 ? 1 : 0), line.length);
  }
  const pad = line.slice(0, start).replace(/[^\t]/g, ' ');
  return [`  ${line}`, `  ${pad}${'~'.repeat(end - start)}`];
}
