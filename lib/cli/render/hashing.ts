/** Progress of the hashing of large files: a run or a decision may wait minutes for it. */
import { basename } from 'node:path';
import { note } from '../output/ui.ts';
import { bytes } from '../output/units.ts';

/** Text on a file that is being hashed, so that people know whether it was hashed before. */
export function hashingWords(path: string, { done, total }: { done: number; total: number }): string {
  return `hashes ${basename(path)}  ${Math.floor((100 * done) / total)} %  ${bytes(done)} of ${bytes(total)}`;
}

interface LineOptions {
  write(line: string): void;
  now(): number;
  /** Shortest time between two lines on a file, except for the last line. */
  readonly everyMs?: number;
}

/** Lines about large files that are hashed: the first after a second and a half, then one in `everyMs`. */
export class HashingLines {
  readonly #options: Required<LineOptions>;
  readonly #nextMs = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor({ everyMs = 5000, ...options }: LineOptions) {
    this.#options = { ...options, everyMs };
  }

  tell(path: string, done: number, total: number): void {
    const { write, now, everyMs } = this.#options;
    const next = this.#nextMs.get(path) ?? now() + FIRST_MS;
    this.#nextMs.set(path, next);
    const isDone = done >= total;
    if (isDone ? !this.#told.delete(path) : now() < next) return;
    write(`  ${hashingWords(path, { done, total })}`);
    if (isDone) return;
    this.#told.add(path);
    this.#nextMs.set(path, now() + everyMs);
  }
}

/** Delay of the first line after the first event, which comes after half a second. */
const FIRST_MS = 1000;

/** Callback for commands that decide without running: writes lines to stderr, unless they are to be quiet. */
export function tellHashing({ quiet }: { quiet: boolean }): {
  onHashing?: (path: string, done: number, total: number) => void;
} {
  if (quiet) return {};
  const lines = new HashingLines({ write: note, now: () => performance.now() });
  return { onHashing: (path, done, total) => lines.tell(path, done, total) };
}
