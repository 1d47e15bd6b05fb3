/** Room on the store's disk: asked for before a run, and told about when it ran out. */

import { existsSync, statfsSync } from 'node:fs';
import { basename } from 'node:path';
import { OperationalError, storeError } from '../../errors.ts';
import { hintOf } from '../hints.ts';
import { inUnits } from '../text/byte-units.ts';
import { StoreLayout } from './layout.ts';

/** Bytes that may still be written where `path` lies. Quotas are not seen: the system does not tell them. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Throws a store error if fewer than `bytes` are free in the store. */
export function checkSpace(store: { readonly dir: string }, bytes: number): void {
  const free = freeBytes(store.dir);
  if (free >= bytes) return;
  throw storeError(
    `not enough room in the store: about ${inUnits(bytes)} are to be written, ${inUnits(free)} are free; ${inUnits(bytes - free)} are missing`,
    { where: store.dir, hint: hintOf('makeRoom') },
  );
}

/**
 * What to say of an error by which a disk refuses to take more, with how much is missing as far as that is
 * known; undefined for any other error.
 *
 * @param dir the store's folder, or the folder that was written to
 * @param needed bytes that the action was expected to write, for one those of its earlier record
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

/** What to say of an error that comes of a store which was removed, or whose disk went away, while a run was at work. */
export function removedStore(dir: string, error: unknown): OperationalError | undefined {
  // Code of a stage may be what met the hole first.
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

/** As in lib/errors.ts, by which the error of a worker comes along. */
const FULL = { ENOSPC: 'the disk is full', EDQUOT: 'the disk quota is used up' };

function room(dir: string, needed: number | undefined, isQuota: boolean): string {
  let free = 0;
  try {
    free = isQuota ? 0 : freeBytes(dir);
  } catch {
    // a folder that is gone
  }
  const has = isQuota ? 'what the quota leaves is not known' : `${inUnits(free)} are free`;
  if (needed === undefined) return has;
  const missing = needed - free;
  const lacks = isQuota || missing <= 0 ? '' : `, at least ${inUnits(missing)} are missing`;
  return `${has}, about ${inUnits(needed)} are to be written${lacks}`;
}
