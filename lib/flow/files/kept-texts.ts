/**
 * Texts stored by hash: those of every module in a stage's bundle, to compare the code that made a record with the current
 * code, and every listing of a folder outside the store, to name the files that changed in it. Losing a text loses an
 * explanation, never a result.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export class KeptTexts {
  readonly #folder: string;
  readonly #fresh = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Adds a text, written by `save`. Returns its SHA-256, as hex. */
  add(text: string): string {
    const hash = createHash('sha256').update(text).digest('hex');
    this.#fresh.set(hash, text);
    return hash;
  }

  /** Returns the text with this hash; undefined if it was not kept or the file was changed. */
  get(hash: string): string | undefined {
    const fresh = this.#fresh.get(hash);
    if (fresh !== undefined) return fresh;
    try {
      const text = readFileSync(this.#path(hash), 'utf8');
      return createHash('sha256').update(text).digest('hex') === hash ? text : undefined;
    } catch {
      return undefined;
    }
  }

  save(): void {
    for (const [hash, text] of this.#fresh) {
      const path = this.#path(hash);
      if (existsSync(path)) continue;
      mkdirSync(dirname(path), { recursive: true });
      const temporary = `${path}.${process.pid}.tmp`;
      writeFileSync(temporary, text);
      renameSync(temporary, path);
    }
  }

  #path(hash: string): string {
    return join(this.#folder, hash.slice(0, 2), hash);
  }
}
