/**
 * Which of a study's links a run moves when it is done. A complete run, after which all targets are up to date, is
 * what `latest` shows. One that leaves others behind moves `partial`, so that no page goes and no outputs of two
 * configs stand side by side; but as long as nothing complete is there, it is the best there is, and `latest` shows it.
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

/** The place of the outputs of a run. */
export interface RunOutputs {
  readonly run: string;
  readonly folder: string;
  readonly complete: boolean;
  /** The study's name in this store, and the config file that its own name belongs to if that is another's. */
  readonly study: string;
  readonly takenBy?: string;
  /** Of a part: the complete run that `latest` goes on to show. */
  readonly latest?: Shown;
  /** What of the user's was moved out of the way, in words. */
  readonly moved: readonly string[];
}

/** Without a config there is no name. */
const UNNAMED: StudyId = { name: 'unnamed' };

/**
 * Shows what is up to date after a run.
 *
 * @param ran whether anything was made; else the run is only on record if its outputs are not shown yet
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
  // When the newer complete run is shown: a crash in between leaves what is known to be older.
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
  // A folder of the user's may hold a copy of the same outputs.
  const folder = shownFolder(store, path);
  const isShown = folder !== undefined && shownIn(folder)?.run === run && isWhole(store, folder);
  return isShown ? [] : pointAt(store, path, run);
}

/** The paths that show outputs of a study, and of the store. */
export function pathsShown(store: Store, id: StudyId = UNNAMED): string[] {
  const { latest, partial } = shownPaths(placeOfStudy(store.dir, id).folder);
  return [store.layout.latest, latest, partial];
}
