/**
 * Drops what no run in use needs. Kept are: what `latest` and the last runs show, the records that targets
 * had last, records younger than some days (parts of a target that is not finished yet), and all objects that
 * kept records name.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RankloomError } from '../errors.ts';
import { isHeld } from './lock.ts';
import type { Store } from './store.ts';
import { hashesOf, listFiles, readRecord } from './verify.ts';

export interface GcOptions {
  /** Runs to keep besides `latest`. */
  readonly keepRuns?: number;
  /** Records younger than this stay. */
  readonly keepDays?: number;
  /** Only tell what would go. */
  readonly dryRun?: boolean;
  readonly now?: number;
}

export interface GcResult {
  readonly runs: readonly string[];
  readonly records: number;
  readonly objects: number;
  /** Bytes of the objects that go. */
  readonly bytes: number;
  readonly keptObjects: number;
  readonly keptBytes: number;
}

const DAY_MS = 24 * 3600 * 1000;

/** Throws a locked error while an action runs in the store: it may be about to use what looks unused. */
export function gc(
  store: Store,
  { keepRuns = 5, keepDays = 7, dryRun = false, now = Date.now() }: GcOptions = {},
): GcResult {
  refuseWhileRunning(store);
  const goingRuns = runsToDrop(store, keepRuns);
  const keptKeys = keysInUse(store, new Set(goingRuns));
  const oldest = now - keepDays * DAY_MS;

  const keptHashes = new Set<string>();
  const goingRecords: string[] = [];
  for (const file of listFiles(join(store.dir, 'actions'))) {
    const record = readRecord(file);
    const isKept =
      typeof record !== 'string' && (keptKeys.has(record.key) || statSync(file).mtimeMs > oldest);
    if (!isKept) goingRecords.push(file);
    else for (const hash of hashesOf(record)) keptHashes.add(hash);
  }

  let bytes = 0;
  let keptBytes = 0;
  const goingObjects: string[] = [];
  for (const file of listFiles(join(store.dir, 'objects'))) {
    const { size } = lstatSync(file);
    if (keptHashes.has(basename(file))) keptBytes += size;
    else {
      bytes += size;
      goingObjects.push(file);
    }
  }
  if (!dryRun) {
    // Records go before the objects that they name: a crash in between leaves no record without its objects.
    for (const run of goingRuns) rmSync(join(store.dir, 'runs', run), { recursive: true, force: true });
    for (const file of [...goingRecords, ...goingObjects]) rmSync(file, { recursive: true, force: true });
    rmSync(join(store.dir, 'cache', 'views'), { recursive: true, force: true });
  }
  return {
    runs: goingRuns,
    records: goingRecords.length,
    objects: goingObjects.length,
    bytes,
    keptObjects: keptHashes.size,
    keptBytes,
  };
}

function refuseWhileRunning(store: Store): void {
  for (const name of listNames(join(store.dir, 'locks'))) {
    if (!name.endsWith('.lock') || !isHeld(join(store.dir, 'locks', name))) continue;
    throw new RankloomError('locked', 'a run is at work in this store', {
      where: store.dir,
      hint: 'wait until it has ended, then collect again',
    });
  }
}

/** All runs but `latest` and the last ones; names sort by time. */
function runsToDrop(store: Store, keepRuns: number): string[] {
  const runs = listNames(join(store.dir, 'runs')).sort();
  let latest: string | undefined;
  try {
    latest = readlinkSync(join(store.dir, 'latest')).split('/')[1];
  } catch {
    // nothing published yet
  }
  const old = keepRuns === 0 ? runs : runs.slice(0, -keepRuns);
  return old.filter((run) => run !== latest);
}

/** Keys of records that targets or kept runs refer to. */
function keysInUse(store: Store, going: ReadonlySet<string>): Set<string> {
  const keys = new Set<string>();
  for (const name of listNames(join(store.dir, 'targets'))) {
    const found = readJson(join(store.dir, 'targets', name)) as { key?: string } | undefined;
    if (found?.key !== undefined) keys.add(found.key);
  }
  for (const run of listNames(join(store.dir, 'runs'))) {
    if (going.has(run)) continue;
    const manifest = readJson(join(store.dir, 'runs', run, 'manifest.json')) as
      | { targets?: Record<string, { key: string }> }
      | undefined;
    for (const { key } of Object.values(manifest?.targets ?? {})) keys.add(key);
  }
  return keys;
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
