/** Records of runs: runs/<id>/manifest.json, or only the events of a run that did not finish. */
import { dataError, usageError } from '../../errors.ts';
import { hintOf } from '../hints.ts';
import { listNames } from '../store/lists.ts';
import type { Store } from '../store/store.ts';
import { nearest } from '../text/suggest.ts';
import { isRunId, RUN_ID, readManifest } from './run-files.ts';
import type { RunManifest } from './run-manifest.ts';
import { nothingShown, type StudyPlace, shownAs, shownOf } from './studies.ts';

/** Run with a folder in the store, and its manifest if there is one. */
export interface RunEntry {
  readonly id: string;
  readonly startedAt: Date;
  /** Manifest of the run; undefined if there is none or it is damaged. */
  readonly manifest?: RunManifest;
  /** Description of the damage to the manifest. A run without manifest and damage is in progress or was killed. */
  readonly damage?: string;
  /** Link under which a study shows the run; undefined if none does. */
  readonly shownAs?: 'latest' | 'partial';
}

/** Lists the runs of all studies, latest first. */
export function listRuns(store: Store): RunEntry[] {
  const shown = shownAs(store.dir);
  return idsOf(store)
    .reverse()
    .map((id) => entryOf(store, id, shown));
}

/** Short form of a run id: its random last part, which identifies the run and is quicker to type than the time. */
export function shortId(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1);
}

/**
 * Finds a run by `latest` or `partial`, or by the beginning of its id or short id. Throws a usage error if there is none or
 * more than one.
 *
 * @param study whose `latest` or `partial` is meant; default: that of the store, of any study
 */
export function findRun(store: Store, name: string, study?: StudyPlace): RunEntry {
  const ids = idsOf(store);
  const shown = shownAs(store.dir);
  if (name === 'latest' || name === 'partial') {
    const folder = study?.folder ?? store.dir;
    const { latest, partial } = shownOf({ folder });
    const run = (name === 'latest' ? latest : partial)?.run;
    if (run !== undefined && ids.includes(run)) return entryOf(store, run, shown);
    throw nothingShown(store.dir, name, study);
  }
  const found = name === '' ? [] : ids.filter((id) => id.startsWith(name) || shortId(id).startsWith(name));
  if (found.length === 1) return entryOf(store, found[0], shown);
  throw usageError(found.length === 0 ? `no run "${name}"` : `"${name}" means ${found.length} runs`, {
    expected: 'latest, partial, or the beginning of an id that `runs` lists',
    where: store.layout.runs,
    hint: found.length === 0 ? nearest(name, ids.map(shortId)) : found.slice(0, 5).map(shortId).join(', '),
  });
}

/** Returns the manifest of a run found by `findRun`. Throws a data error for a run without a valid manifest. */
export function findRecord(store: Store, name: string, study?: StudyPlace): RunManifest {
  const { id, manifest, damage } = findRun(store, name, study);
  if (manifest !== undefined) return manifest;
  if (damage !== undefined) {
    throw dataError(`the record of run ${shortId(id)} is damaged: ${damage}`, {
      where: store.layout.run(id).manifest,
      hint: hintOf('damagedRecord'),
    });
  }
  throw dataError(`run ${shortId(id)} has left no record: it is under way, or was killed`, {
    where: store.layout.run(id).folder,
  });
}

function idsOf(store: Store): string[] {
  return listNames(store.layout.runs).filter(isRunId).sort();
}

function entryOf(store: Store, id: string, all: ReturnType<typeof shownAs>): RunEntry {
  const read = readManifest(store.layout, id);
  const [, day, hours, minutes, seconds, ms] = RUN_ID.exec(id)!;
  const startedAt = new Date(`${day}T${hours}:${minutes}:${seconds}.${ms}Z`);
  const shown = all.get(id);
  if (read.state === 'whole') return { id, startedAt, manifest: read.manifest, shownAs: shown };
  return { id, startedAt, shownAs: shown, damage: read.state === 'damaged' ? read.detail : undefined };
}
