/** Origin of each value of the config. */
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

  /** Origin of the value at a path. */
  originOf(path: Path): Origin {
    if (path.length > 0 && valueAt(this.#merged, path) === undefined) return { from: 'default' };
    return this.placeOf(path, 'value');
  }

  /**
   * Place at which a problem with a path is shown: its value or key, or, if that is not written anywhere, the nearest key
   * around it.
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

  /** Option that set the value at a path, if any; the last one counts. */
  #optionFor(path: Path): Override | undefined {
    const covering = this.#overrides.findLast((o) => startsWith(path, o.path));
    if (covering !== undefined || path.length === 0) return covering;
    // An object may exist only because an option set something inside it.
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

/** Range of a located value; if the path was not found to its end, the key of the last step found, which shows best. */
function rangeOf(located: Located, whole: boolean): Range | undefined {
  return whole ? (located.value ?? located.key) : (located.key ?? located.value);
}
