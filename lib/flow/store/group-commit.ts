/**
 * The commit of actions, in groups: those that end while others are being committed wait for these and then go
 * together, so that the disk is waited for once and not for each. For every action the order is as if it were alone:
 *
 *     objects and record synced, under temporary names → objects renamed into place → their folders synced
 *     → record renamed → its folder synced
 *
 * A crash at any point leaves either the whole record, with all that it names, or no record.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { protect, replace, syncPaths } from '../files/durable.ts';

/** One action's files and where they belong. */
export interface Commit {
  /** `isThere` if the right file lies at `to` already, from another action. */
  readonly objects: readonly { readonly from: string; readonly to: string; readonly isThere: boolean }[];
  /** Written under a name of its own (`temporary`, on the same file system) first. */
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

  /** Resolves when the commit would survive a crash. */
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

/** An action whose own files make trouble fails alone; a folder that cannot be synced fails all. */
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
    for (const { fail } of group) fail(error); // no effect on those that have failed already
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

/** Returns the folders that must be synced for it, also where another action has just put the file. */
function placeObjects({ objects }: Commit): string[] {
  return objects.flatMap(({ from, to, isThere }) => {
    if (isThere) return [dirname(to)];
    const folders = makeFolderFor(to);
    protect(from);
    // In one step: another action may write the same bytes at this moment, and no reader may ever miss them.
    replace(from, to);
    return folders;
  });
}

function nameRecord({ record }: Commit): string[] {
  const folders = makeFolderFor(record.path);
  replace(record.temporary, record.path);
  return folders;
}

/** Returns the folder, and its parent if that did not have it before. */
function makeFolderFor(path: string): string[] {
  const folder = dirname(path);
  return mkdirSync(folder, { recursive: true }) === undefined ? [folder] : [folder, dirname(folder)];
}
