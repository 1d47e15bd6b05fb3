/**
 * Drops what no run in use needs. Roots are what studies show, the last runs, runs that are named, and the records that
 * targets had last. Kept are besides: young records (parts of a target that is not finished yet), and all objects
 * that kept records name. Texts of code go if no kept record names them and they are not young. With a largest size, what is no root goes too, the oldest first, until the rest fits.
 */
import { collecting } from '../locks/session-lock.ts';
import { requireRecognised } from '../store/recognise.ts';
import type { Store } from '../store/store.ts';
import { drop, type Going } from './drop.ts';
import { type Inventory, takeInventory } from './inventory.ts';

/** The choice of what `gc` keeps. */
export interface GcOptions {
  /** Runs to keep besides those that studies show. */
  readonly keepRuns?: number;
  /** Records, texts of code and what is in quarantine stay if they are younger than this. */
  readonly keepDays?: number;
  /** Runs beyond `keepRuns` stay too if they are younger than this. Default: they go, however young. */
  readonly keepRunDays?: number;
  /** Names of runs to keep in any case. */
  readonly keep?: readonly string[];
  /** Objects may take as many bytes. */
  readonly maxBytes?: number;
  /** Only tell what would go. */
  readonly dryRun?: boolean;
  readonly now?: number;
}

/** The files and bytes that `gc` removed, or would remove. */
export interface GcResult {
  readonly runs: readonly string[];
  readonly records: number;
  readonly objects: number;
  /** Texts of code that no record names any more. */
  readonly texts: number;
  /** Bytes of the objects and texts that go, and of what goes from quarantine. */
  readonly bytes: number;
  readonly keptObjects: number;
  readonly keptBytes: number;
  /** By how much the roots alone are more than `maxBytes`. */
  readonly overBytes: number;
  /** Where things are now that lay with the outputs of dropped runs and were not made by a run. */
  readonly aside: readonly string[];
}

const DAY_MS = 24 * 3600 * 1000;

/** Removes from a store what nothing in use needs: see the top of this file. Throws a locked error while a run is at work in the store: it may be about to use what looks unused. */
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

  // What is no root, the oldest first: runs, then young records.
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

/** What stays if these runs and these records do, with what targets had last. */
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

/** The smallest count up to `most` that is enough, `most` if none is. `isEnough` stays true for larger counts. */
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
