/** Free space on the store's disk: checks before a run, and errors when it runs out. */

import { existsSync, statfsSync } from 'node:fs';
import { basename } from 'node:path';
import { OperationalError, storeError } from '../../errors.ts';
import { hintOf } from '../hints.ts';
import { inUnits } from '../text/byte-units.ts';
import { StoreLayout } from './layout.ts';

/** Free bytes on the file system of `path`. Does not include quotas, which the system does not report. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Checks that at least `bytes` are free in the store; throws a store error if not. */
export function checkSpace(store: { readonly dir: string }, bytes: number): void {
  const free = freeBytes(store.dir);
  if (free >= bytes) return;
  throw storeError(
    `not enough room in the store: about ${inUnits(bytes)} are to be written, ${inUnits(free)} are free; ${inUnits(bytes - free)} are missing`,
    { where: store.dir, hint: hintOf('makeRoom') },
  );
}

/**
 * Store error for a full disk or an exhausted quota, with the missing bytes as far as known; undefined for any other error.
 *
 * @param dir the store's folder, or the folder that was written to
 * @param needed bytes that the action was expected to write, such as those of its earlier record
 */
export function diskError(error: unknown, dir: string, needed?: number): OperationalError | undefined {
  const { code, path } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || (error instanceof OperationalError && error.message === FULL.ENOSPC);
  const isQuota = code === 'EDQUOT' || (error instanceof OperationalError && error.message === FULL.EDQUOT);
  if (!isFull && !isQuota) return undefined;
  const message = isFull ? FULL.ENOSPC : FULL.EDQUOT;
  return storeError(`${message}: ${room(dir, needed, isQuota)}`, {
    where: (error as OperationalError).where ?? path ?? dir,
    hint: hintOf('makeRoom'),
    cause: error,
  });
}

/** Store error for an error caused by a store that disappeared during a run (removed, or unmounted); otherwise undefined. */
export function removedStore(dir: string, error: unknown): OperationalError | undefined {
  // The code of a stage may be the first to fail because of it.
  if (error instanceof OperationalError && error.kind !== 'internal' && error.kind !== 'code')
    return undefined;
  const { objects, actions, tmp, locks } = new StoreLayout(dir);
  const gone = [objects, actions, tmp, locks].filter((folder) => !existsSync(folder));
  if (gone.length === 0) return undefined;
  const names = gone.map((folder) => `${basename(folder)}/`).join(', ');
  return storeError(`the store was removed while the run was at work: ${names} is gone`, {
    where: dir,
    hint: 'leave a store alone while a run uses it, and see that its disk stays mounted; run again: what it held is made anew',
    cause: error,
  });
}

/** Messages of lib/errors.ts, by which disk errors of workers are recognised. */
const FULL = { ENOSPC: 'the disk is full', EDQUOT: 'the disk quota is used up' };

function room(dir: string, needed: number | undefined, isQuota: boolean): string {
  let free = 0;
  try {
    free = isQuota ? 0 : freeBytes(dir);
  } catch {
    // the folder is gone
  }
  const has = isQuota ? 'what the quota leaves is not known' : `${inUnits(free)} are free`;
  if (needed === undefined) return has;
  const missing = needed - free;
  const lacks = isQuota || missing <= 0 ? '' : `, at least ${inUnits(missing)} are missing`;
  return `${has}, about ${inUnits(needed)} are to be written${lacks}`;
}
