/** Module-by-module difference between the code of an earlier record and the current code. */
import { type DiffLine, diffLines } from '../text/line-diff.ts';

export interface CodeChange {
  /** Name of a file, as in the pieces of a code identity, or of an npm package. */
  readonly name: string;
  readonly change: 'changed' | 'added' | 'removed';
  /** Versions of a package; absent for a file. */
  readonly versions?: { readonly old?: string; readonly new?: string };
  /** Line diff of a module; absent unless both texts are available. An added or removed module has an empty other side. */
  readonly diff?: readonly DiffLine[];
}

type Pieces = Readonly<Record<string, string>>;

const PACKAGE = /^npm:(?:.*node_modules\/)?/;

/**
 * Lists the files and packages that differ between two code identities, without files that were only renamed.
 *
 * @param textOf the text of a module by its hash, if it was kept; assets have none
 */
export function codeChanges(
  before: Pieces,
  now: Pieces,
  textOf: (hash: string) => string | undefined,
): CodeChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  const changed = names.filter((name) => before[name] !== now[name]);
  // A renamed file with the same content does not change the program.
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
