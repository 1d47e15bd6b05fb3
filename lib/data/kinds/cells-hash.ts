/** Hash of the cells that the rows of a file are, in order: one short text, checked where rows are joined by position. */
import { createHash } from 'node:crypto';

/** Creates a hasher that takes ids in order; the hash does not depend on how many are added at once. */
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
