/**
 * Folders that actions write to. One whose files have all been moved away serves the next action: making and
 * removing a folder costs as much as all else that a small action does.
 */
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import type { Store } from './store.ts';

export class Scratch {
  readonly #store: Store;
  readonly #empty: string[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** An empty folder on the store's own file system. */
  take(): string {
    return this.#empty.pop() ?? this.#store.scratch();
  }

  giveBack(path: string): void {
    if (isEmpty(path)) this.#empty.push(path);
    else rmSync(path, { recursive: true, force: true });
  }

  /** Removes the folders that no action uses. */
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
