/** Where each value of the config comes from. */
import type { ConfigFile } from './load.ts';
import { createLocator, positionOf } from './locate.ts';
import type { Located, Locator, Range } from './location.ts';
import type { Override } from './overrides.ts';
import { type Path, startsWith, valueAt } from './path.ts';
import type { Place } from './report.ts';

export type Origin = Place | { readonly from: 'default' };

export class Provenance {
  readonly #file: ConfigFile;
  readonly #overrides: readonly Override[];
  readonly #merged: unknown;
  readonly #locate: Locator;

  static async of(file: ConfigFile, overrides: readonly Override[], merged: unknown): Promise<Provenance> {
    return new Provenance(file, overrides, merged, await createLocator(file.path, file.text));
  }

  private constructor(file: ConfigFile, overrides: readonly Override[], merged: unknown, locate: Locator) {
    this.#file = file;
    this.#overrides = overrides;
    this.#merged = merged;
    this.#locate = locate;
  }

  /** Where the value at a path was set. */
  originOf(path: Path): Origin {
    if (path.length > 0 && valueAt(this.#merged, path) === undefined) return { from: 'default' };
    return this.placeOf(path, 'value');
  }

  /**
   * Where a problem with a path is to be shown: at its value or key, or, if that is not written anywhere, at the
   * nearest key around it.
   */
  placeOf(path: Path, at: 'key' | 'value'): Place {
    for (let length = path.length; length >= 0; length--) {
      const prefix = path.slice(0, length);
      const option = this.#optionFor(prefix);
      if (option !== undefined) return { from: 'option', text: option.text };
      const located = this.#locate(prefix);
      if (located.depth < length) continue;
      const whole = length === path.length;
      const range =
        whole && (at === 'key' || located.container)
          ? (located.key ?? located.value)
          : rangeOf(located, whole);
      if (range !== undefined && length > 0) return this.#place(range);
      if (length === 0) break;
    }
    return { from: 'file', file: this.#file.name };
  }

  /** The option that set the value at a path, if one did: the last one counts. */
  #optionFor(path: Path): Override | undefined {
    const covering = this.#overrides.findLast((o) => startsWith(path, o.path));
    if (covering !== undefined || path.length === 0) return covering;
    // An object that only exists because an option set something inside it.
    if (valueAt(this.#file.value, path) !== undefined) return undefined;
    return this.#overrides.findLast((o) => startsWith(o.path, path));
  }

  #place(range: Range): Place {
    const { text, name } = this.#file;
    const position = positionOf(text, range.start);
    const source = text.split('\n')[position.line - 1].replace(/\r$/, '');
    return { from: 'file', file: name, ...position, source, length: range.end - range.start };
  }
}

/** A place inside what could not be found further is best shown by its key. */
function rangeOf(located: Located, whole: boolean): Range | undefined {
  return whole ? (located.value ?? located.key) : (located.key ?? located.value);
}
