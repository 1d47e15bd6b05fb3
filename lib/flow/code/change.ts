/** What changed between the code of an earlier record and the code of now, module by module. */
import { type DiffLine, diffLines } from '../text/line-diff.ts';

export interface CodeChange {
  /** A file, as in the pieces of a code identity, or the name of an npm package. */
  readonly name: string;
  readonly change: 'changed' | 'added' | 'removed';
  /** For a package: its versions. */
  readonly versions?: { readonly old?: string; readonly new?: string };
  /** For a module whose texts are both at hand; a missing side counts as empty. */
  readonly diff?: readonly DiffLine[];
}

type Pieces = Readonly<Record<string, string>>;

const PACKAGE = /^npm:(?:.*node_modules\/)?/;

/** @param textOf the text of a module by its hash, if it was kept; assets have none */
export function codeChanges(
  before: Pieces,
  now: Pieces,
  textOf: (hash: string) => string | undefined,
): CodeChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  const changed = names.filter((name) => before[name] !== now[name]);
  // A file that was only renamed is in the program as it was.
  const gone = new Set(changed.filter((name) => now[name] === undefined).map((name) => before[name]));
  const come = new Set(changed.filter((name) => before[name] === undefined).map((name) => now[name]));
  return changed
    .filter((name) => !(now[name] === undefined ? come.has(before[name]) : gone.has(now[name])))
    .map((name) => {
      const old = before[name];
      const current = now[name];
      const change = old === undefined ? 'added' : current === undefined ? 'removed' : 'changed';
      if (PACKAGE.test(name)) {
        const version = (piece?: string) => piece?.split(' ')[0];
        return {
          name: name.replace(PACKAGE, ''),
          change,
          versions: { old: version(old), new: version(current) },
        };
      }
      const texts = [old, current].map((hash) => (hash === undefined ? '' : textOf(hash)));
      if (texts[0] === undefined || texts[1] === undefined) return { name, change };
      return { name, change, diff: diffLines(texts[0], texts[1]) };
    });
}
