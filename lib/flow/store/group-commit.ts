/**
 * Group commit of actions: those that end during a commit wait for it and are then committed together, so that the disk is
 * synced once per group and not per action. For every action the order is the same as in a commit of its own:
 *
 *     objects and record synced, under temporary names → objects renamed into place → their folders synced
 *     → record renamed → its folder synced
 *
 * A crash at any point leaves either the whole record, with all that it names, or no record.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { protect, replace, syncPaths } from '../files/durable.ts';

/** Files of one action and their destinations. */
export interface Commit {
  /** Objects to move. `isThere`: the right file already exists at `to`, from another action. */
  readonly objects: readonly { readonly from: string; readonly to: string; readonly isThere: boolean }[];
  /** Record to write, first under a temporary name (`temporary`, on the same file system). */
  readonly record: { readonly temporary: string; readonly path: string; readonly text: string };
}

interface Waiting {
  readonly commit: Commit;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

export class GroupCommit {
  #waiting: Waiting[] = [];
  #isBusy = false;

  /** Adds a commit to the next group; resolves when it is durable. */
  add(commit: Commit): Promise<void> {
    return new Promise((done, fail) => {
      this.#waiting.push({ commit, done, fail });
      if (!this.#isBusy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) await commitAll(this.#waiting.splice(0));
    this.#isBusy = false;
  }
}

/** Commits a group. An action whose own files cause an error fails alone; an error in syncing fails the whole group. */
async function commitAll(group: readonly Waiting[]): Promise<void> {
  try {
    const written = group.filter((one) => tryStep(one, writeRecord));
    await syncPaths(
      written.flatMap(({ commit }) => temporariesOf(commit)),
      'files',
    );
    const folders: string[] = [];
    const placed = written.filter((one) => tryStep(one, (commit) => folders.push(...placeObjects(commit))));
    await syncPaths(folders, 'folders');
    const recordFolders: string[] = [];
    const named = placed.filter((one) => tryStep(one, (commit) => recordFolders.push(...nameRecord(commit))));
    await syncPaths(recordFolders, 'folders');
    for (const { done } of named) done();
  } catch (error) {
    for (const { fail } of group) fail(error); // no effect on commits that have already failed
  }
}

function tryStep({ commit, fail }: Waiting, step: (commit: Commit) => unknown): boolean {
  try {
    step(commit);
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

function writeRecord({ record }: Commit): void {
  writeFileSync(record.temporary, record.text, { flag: 'wx' });
}

function temporariesOf({ objects, record }: Commit): string[] {
  return [...objects.flatMap(({ from, isThere }) => (isThere ? [] : [from])), record.temporary];
}

/** Moves objects into place. Returns the folders to sync, including those of objects that another action has just placed. */
function placeObjects({ objects }: Commit): string[] {
  return objects.flatMap(({ from, to, isThere }) => {
    if (isThere) return [dirname(to)];
    const folders = makeFolderFor(to);
    protect(from);
    // One atomic step: another action may write the same object at this moment, and readers must always find it.
    replace(from, to);
    return folders;
  });
}

function nameRecord({ record }: Commit): string[] {
  const folders = makeFolderFor(record.path);
  replace(record.temporary, record.path);
  return folders;
}

/** Creates the folder of a file. Returns the folders to sync: the folder, and its parent if the folder is new. */
function makeFolderFor(path: string): string[] {
  const folder = dirname(path);
  return mkdirSync(folder, { recursive: true }) === undefined ? [folder] : [folder, dirname(folder)];
}
