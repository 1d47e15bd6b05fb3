/**
 * Scratch folders that actions write to. A folder is reused once all its files have been moved away: creating and removing
 * one costs as much as everything else that a small action does.
 */
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import type { Store } from './store.ts';

export class Scratch {
  readonly #store: Store;
  readonly #empty: string[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Returns an empty folder on the store's own file system. */
  take(): string {
    return this.#empty.pop() ?? this.#store.scratch();
  }

  giveBack(path: string): void {
    if (isEmpty(path)) this.#empty.push(path);
    else rmSync(path, { recursive: true, force: true });
  }

  /** Removes the unused folders. */
  close(): void {
    for (const path of this.#empty.splice(0)) rmdirSync(path);
  }
}

function isEmpty(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return false;
  }
}
