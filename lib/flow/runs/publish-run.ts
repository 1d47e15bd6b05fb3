/**
 * Choice of the study link that a finished run moves. A complete run, after which all targets are up to date, moves
 * `latest`. A run that leaves targets out of date moves `partial`, so that no page disappears from `latest` and outputs of
 * two configs are never mixed. As long as there is no complete run, `latest` shows the incomplete one.
 */
import { shownPaths } from '../store/layout.ts';
import type { Store } from '../store/store.ts';
import { isPublished, type Published, pointAt, publish } from './publish.ts';
import { isWhole, shownFolder, unshow } from './published-folder.ts';
import {
  claimStudy,
  clearStudyPlace,
  placeOfStudy,
  type Shown,
  type StudyId,
  shownIn,
  shownOf,
} from './studies.ts';

/** Location of the outputs of a run. */
export interface RunOutputs {
  readonly run: string;
  readonly folder: string;
  readonly complete: boolean;
  /** Name of the study in this store; `takenBy` is the config file that owns the study's own name, if another one does. */
  readonly study: string;
  readonly takenBy?: string;
  /** Complete run that `latest` still shows, if this run is partial. */
  readonly latest?: Shown;
  /** Messages about user files that were moved out of the way. */
  readonly moved: readonly string[];
}

/** Study of a run without a config name. */
const UNNAMED: StudyId = { name: 'unnamed' };

/**
 * Publishes the outputs that are up to date after a run.
 *
 * @param ran whether any target ran; if none did, the run gets a manifest only if its outputs are not published yet
 */
export function showRun(
  store: Store,
  run: string,
  outputs: Published,
  manifest: { readonly complete: boolean; readonly given?: readonly string[] },
  { id = UNNAMED, ran }: { id?: StudyId; ran: boolean },
): RunOutputs {
  const { complete } = manifest;
  const place = placeOfStudy(store.dir, id);
  const { latest, partial } = shownOf(place);
  const isComplete = latest !== undefined && latest.complete !== false;
  const link = complete || !isComplete ? 'latest' : 'partial';
  const before = link === 'latest' ? latest : partial;
  const isSame =
    !ran &&
    before?.complete === complete &&
    String(before.given ?? []) === String(manifest.given ?? []) &&
    isPublished(store, shownPaths(place.folder)[link], outputs);
  const shown = isSame ? before.run : run;
  const moved = clearStudyPlace(store, place);
  const { folder, takenBy, name } = isSame ? place : claimStudy(store.dir, id);
  const paths = shownPaths(folder);
  if (!isSame) {
    publish(store, run, outputs, manifest);
    moved.push(...pointAt(store, paths[link], run));
  }
  if (complete || !hasComplete(store))
    moved.push(...showInStore(store, link === 'latest' ? shown : latest!.run));
  // After the newer complete run is shown: a crash in between leaves a partial run that is recognised as older.
  if (complete) moved.push(...unshow(store, paths.partial));
  return {
    run: shown,
    folder: paths[link],
    complete,
    study: name,
    takenBy,
    latest: link === 'partial' ? latest : undefined,
    moved,
  };
}

function hasComplete(store: Store): boolean {
  const latest = shownIn(store.layout.latest);
  return latest !== undefined && latest.complete !== false;
}

function showInStore(store: Store, run: string): string[] {
  const path = store.layout.latest;
  // A user's folder may be a copy of the same outputs.
  const folder = shownFolder(store, path);
  const isShown = folder !== undefined && shownIn(folder)?.run === run && isWhole(store, folder);
  return isShown ? [] : pointAt(store, path, run);
}

/** Paths that show outputs of a study, and of the store. */
export function pathsShown(store: Store, id: StudyId = UNNAMED): string[] {
  const { latest, partial } = shownPaths(placeOfStudy(store.dir, id).folder);
  return [store.layout.latest, latest, partial];
}
