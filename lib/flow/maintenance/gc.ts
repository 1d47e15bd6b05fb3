/**
 * Garbage collection: removes what no run in use needs. Roots are the runs that studies show, the last runs, runs named by
 * the caller, and the last record of each target. Young records (parts of a target that is not finished yet) are kept too,
 * and so are all objects that kept records name. Texts of code are removed if they are not young and no kept record names
 * them. With a size limit, the oldest unprotected runs and young records are removed too, until the rest fits.
 */
import { collecting } from '../locks/session-lock.ts';
import { requireRecognised } from '../store/recognise.ts';
import type { Store } from '../store/store.ts';
import { drop, type Going } from './drop.ts';
import { type Inventory, takeInventory } from './inventory.ts';

/** Options for what `gc` keeps. */
export interface GcOptions {
  /** Number of last runs to keep besides those that studies show. */
  readonly keepRuns?: number;
  /** Age in days below which records, texts of code and quarantined files are kept. */
  readonly keepDays?: number;
  /** Age in days below which runs beyond `keepRuns` are kept too. Default: 0, such runs are removed at any age. */
  readonly keepRunDays?: number;
  /** Ids of runs to keep in any case. */
  readonly keep?: readonly string[];
  /** Maximum bytes of all objects. */
  readonly maxBytes?: number;
  /** Only report what would be removed. */
  readonly dryRun?: boolean;
  readonly now?: number;
}

/** Files and bytes that `gc` removed, or would remove. */
export interface GcResult {
  readonly runs: readonly string[];
  readonly records: number;
  readonly objects: number;
  /** Number of texts of code that no record names any more. */
  readonly texts: number;
  /** Bytes of the removed objects, texts and quarantined files. */
  readonly bytes: number;
  readonly keptObjects: number;
  readonly keptBytes: number;
  /** Bytes by which the roots alone exceed `maxBytes`. */
  readonly overBytes: number;
  /** New paths of files among the outputs of removed runs that no run made, and that were moved aside. */
  readonly aside: readonly string[];
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * Removes what no run in use needs from a store; see the top of this file. Throws a locked error while a run uses the store,
 * because it may be about to use what looks unused.
 */
export async function gc(store: Store, options: GcOptions = {}): Promise<GcResult> {
  requireRecognised(store.dir);
  if (options.dryRun === true) return choose(takeInventory(store.layout), options).result;
  return collecting(store.layout, (still) => {
    const { result, going } = choose(takeInventory(store.layout), options);
    return { ...result, aside: drop(store, going, still) };
  });
}

interface Choice {
  readonly result: GcResult;
  readonly going: Going;
}

function choose(
  inventory: Inventory,
  {
    keepRuns = 5,
    keepDays = 7,
    keepRunDays = 0,
    keep = [],
    maxBytes = Infinity,
    now = Date.now(),
  }: GcOptions,
): Choice {
  const isYoung = (changedMs: number, days: number) => now - changedMs < days * DAY_MS;
  const last = new Set(keepRuns === 0 ? [] : inventory.runs.slice(-keepRuns).map(({ id }) => id));
  const runs = new Set(
    inventory.runs
      .filter(
        ({ id, changedMs }) =>
          inventory.shown.has(id) || last.has(id) || keep.includes(id) || isYoung(changedMs, keepRunDays),
      )
      .map(({ id }) => id),
  );
  const recent = new Set(
    inventory.records.filter((r) => isYoung(r.changedMs, keepDays)).map(({ key }) => key),
  );

  // Removable under a size limit, oldest first: runs, then young records.
  const spare = [
    ...inventory.runs
      .map(({ id }) => id)
      .filter((id) => runs.has(id) && !inventory.shown.has(id) && !keep.includes(id)),
    ...inventory.records
      .filter(({ key }) => recent.has(key))
      .sort((a, b) => a.changedMs - b.changedMs)
      .map(({ key }) => key),
  ];
  const without = (count: number) => {
    const dropped = new Set(spare.slice(0, count));
    return keptOf(inventory, minus(runs, dropped), minus(recent, dropped));
  };
  const dropped = fewest(spare.length, (count) => without(count).bytes <= maxBytes);
  const kept = without(dropped);
  for (const id of spare.slice(0, dropped)) runs.delete(id);

  const objects = inventory.objects.filter(({ hash }) => !kept.hashes.has(hash));
  const records = inventory.files.filter((file) => !kept.files.has(file));
  const quarantined = inventory.quarantined.filter(({ changedMs }) => !isYoung(changedMs, keepDays));
  const codeNow = new Set(inventory.codeNow);
  const texts = inventory.texts.filter(
    ({ hash, changedMs }) => !isYoung(changedMs, keepDays) && !kept.code.has(hash) && !codeNow.has(hash),
  );
  const result = {
    runs: inventory.runs.map(({ id }) => id).filter((id) => !runs.has(id)),
    records: records.length,
    objects: objects.length,
    texts: texts.length,
    bytes: [...objects, ...texts, ...quarantined].reduce((sum, { bytes }) => sum + bytes, 0),
    keptObjects: inventory.objects.length - objects.length,
    keptBytes: kept.bytes,
    overBytes: Math.max(0, kept.bytes - maxBytes),
    aside: [],
  };
  const paths = (all: readonly { readonly file: string }[]) => all.map(({ file }) => file);
  return {
    result,
    going: {
      runs: result.runs,
      records,
      objects: paths(objects),
      texts: paths(texts),
      quarantined: paths(quarantined),
    },
  };
}

/** Objects, texts, record files and bytes that stay if these runs and records are kept, with the last record of each target. */
function keptOf(inventory: Inventory, runs: ReadonlySet<string>, recent: ReadonlySet<string>) {
  const keys = new Set([...recent, ...inventory.targetKeys]);
  for (const run of inventory.runs) if (runs.has(run.id)) for (const key of run.keys) keys.add(key);
  const hashes = new Set<string>();
  const code = new Set<string>();
  const files = new Set<string>();
  for (const record of inventory.records) {
    if (!keys.has(record.key)) continue;
    files.add(record.file);
    for (const hash of record.hashes) hashes.add(hash);
    for (const hash of record.code) code.add(hash);
  }
  const bytes = inventory.objects.reduce(
    (sum, object) => sum + (hashes.has(object.hash) ? object.bytes : 0),
    0,
  );
  return { hashes, code, files, bytes };
}

const minus = (all: ReadonlySet<string>, dropped: ReadonlySet<string>) =>
  new Set([...all].filter((one) => !dropped.has(one)));

/** Smallest count up to `most` that is enough, or `most` if none is. `isEnough` must be monotonic. */
function fewest(most: number, isEnough: (count: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isEnough(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
