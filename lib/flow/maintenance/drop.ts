/** Removal of the files chosen by `gc`: checks permissions first, then removes runs, records, and the objects they name. */

import { constants, lstatSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { storeError } from '../../errors.ts';
import { denied, may, mayRemove, whose } from '../../permission.ts';
import { syncFolder } from '../files/durable.ts';
import { hintOf } from '../hints.ts';
import { removeEmpty, removeShown } from '../runs/published-folder.ts';
import { listNames } from '../store/lists.ts';
import type { Store } from '../store/store.ts';

export interface Going {
  /** Ids of runs. */
  readonly runs: readonly string[];
  /** Paths of files, as for the following fields. */
  readonly records: readonly string[];
  readonly objects: readonly string[];
  readonly texts: readonly string[];
  readonly quarantined: readonly string[];
}

/**
 * Removes runs, records, objects and other files from a store. Files among a run's outputs that no run made are moved aside;
 * returns their new paths. Throws a store error without permission.
 */
export function drop(
  store: Store,
  { runs, records, objects, texts, quarantined }: Going,
  still: () => void = () => {},
): string[] {
  requireRemovable(store.dir, [...runs.map((id) => store.layout.run(id).folder), ...records, ...objects]);
  const aside: string[] = [];
  try {
    for (const id of runs) {
      still();
      aside.push(...removeRun(store, id));
    }
    // Records are removed durably before the objects they name: after a crash, no record may lack its objects.
    for (const file of records) {
      still();
      rmSync(file, { force: true });
    }
    for (const folder of new Set(records.map((file) => dirname(file)))) syncFolder(folder);
    for (const file of [...objects, ...texts]) {
      still();
      rmSync(file, { force: true });
    }
    for (const file of quarantined) rmSync(file, { recursive: true, force: true });
    for (const name of listNames(store.layout.views)) {
      if (/^[0-9a-f]{64}-[0-9a-f]{16}$/.test(name)) rmSync(store.layout.view(name), { recursive: true });
    }
  } catch (error) {
    const refused = denied(error);
    if (refused === undefined) throw error;
    throw storeError(refused.message, { where: refused.where, hint: hintOf('othersStore'), cause: error });
  }
  return aside;
}

function removeRun(store: Store, id: string): string[] {
  const { folder, outputs, events, manifest } = store.layout.run(id);
  const aside = removeShown(store, outputs);
  for (const file of [events, manifest]) rmSync(file, { force: true });
  if (lstatSync(folder).isDirectory()) removeEmpty(folder);
  return aside === undefined ? [] : [aside];
}

/** Checks that all paths may be removed; throws a store error if not, so that nothing is removed. */
function requireRemovable(store: string, paths: readonly string[]): void {
  const kept = paths.filter((path) => !mayRemove(path));
  const closed = [...new Set(kept.map((path) => dirname(path)))];
  if (closed.length === 0) return;
  const more = closed.length === 1 ? '' : ` (and from ${closed.length - 1} more)`;
  const culprit = may(closed[0], constants.W_OK | constants.X_OK) ? kept[0] : closed[0]; // a file in a sticky folder
  throw storeError(`no permission to remove anything from ${closed[0]}${more}${whose(culprit)}`, {
    where: store,
    hint: `nothing was removed; collect as that user, or ${hintOf('othersStore')}`,
  });
}
