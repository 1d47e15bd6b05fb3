/** Which cells the rows of a file are, and in which order, as one short text: rows that are joined by their place are held to it. */
import { createHash } from 'node:crypto';

/** Takes ids in order; the hash does not depend on how many come at once. */
export function cellsHasher(): { add(cellIds: readonly string[]): void; end(): string } {
  const hash = createHash('sha256');
  return {
    add(cellIds) {
      // The length goes before each id, so that no two lists give the same text.
      if (cellIds.length > 0) hash.update(cellIds.map((id) => `${id.length}:${id}`).join(''));
    },
    end: () => hash.digest('hex'),
  };
}

export function hashCells(cellIds: readonly string[]): string {
  const hasher = cellsHasher();
  hasher.add(cellIds);
  return hasher.end();
}
