/** `runs`: the runs on record; `runs show`: one of them. */
import {
  findRun,
  listRuns,
  type ManifestTarget,
  type RunEntry,
  type RunManifest,
  shortId,
} from '../../flow/index.ts';
import type { App } from '../app.ts';
import type { CommonOptions, StudyOptions } from '../options/options.ts';
import { fit, textTable, textWidth } from '../output/table.ts';
import { out, outWidth, paint } from '../output/ui.ts';
import { bytes, count, dateTime, duration } from '../output/units.ts';
import { openExistingStore, openStudy } from '../session/session.ts';

export async function runs(_app: App, options: CommonOptions): Promise<number> {
  const entries = listRuns(await openExistingStore(options));
  if (options.json) out(JSON.stringify(entries.map(summaryOf), null, 2));
  else if (entries.length === 0) out('No run is on record.');
  else out(renderRuns(entries, outWidth()));
  return 0;
}

export async function showRun(_app: App, name: string, options: StudyOptions): Promise<number> {
  const { store, study } = await openStudy(options);
  const entry = findRun(store, name, study);
  if (options.json) out(JSON.stringify(entry.manifest ?? summaryOf(entry), null, 2));
  else out(renderRun(entry, outWidth()));
  return 0;
}

function summaryOf({ id, startedAt, manifest, shownAs, damage }: RunEntry): object {
  const { ran, cached } = tallyOf(manifest);
  return {
    run: id,
    startedAt: startedAt.toISOString(),
    outcome: outcomeOf(manifest, damage),
    damage,
    ran,
    cached,
    failed: manifest?.failed.length ?? 0,
    durationMs: manifest?.durationMs,
    study: manifest?.study ?? manifest?.configFile,
    complete: manifest?.complete,
    given: manifest?.given,
    isLatest: shownAs === 'latest',
    isPartial: shownAs === 'partial',
  };
}

export function renderRuns(entries: readonly RunEntry[], width?: number): string {
  const rows = entries.map(({ id, startedAt, manifest, shownAs, damage }) => {
    const { ran, cached } = tallyOf(manifest);
    return [
      shownAs === undefined ? shortId(id) : paint('bold', shortId(id)),
      dateTime(startedAt),
      paintOutcome(outcomeOf(manifest, damage)),
      manifest === undefined ? '' : `${ran} of ${ran + cached}`,
      manifest === undefined ? '' : duration(manifest.durationMs),
      [shownAs, manifest?.study ?? manifest?.configFile].filter(Boolean).join('  '),
    ];
  });
  const head = ['run', 'when', 'outcome', 'ran', 'took', ''];
  const table = textTable({ head, rows, right: new Set([3, 4]), width });
  if (width === undefined || table.split('\n').every((line) => textWidth(line) <= width)) return table;
  return rows.map((row) => runInLines(row, width)).join('\n');
}

/** Lines of text for a run, used where the table is too wide. */
function runInLines([id, when, outcome, ran, took, study]: readonly string[], width: number): string {
  const lines = [`${id}  ${when}  ${outcome}`];
  if (took !== '') lines.push(`  ran ${ran} targets, took ${took}`);
  if (study !== '') lines.push(fit(`  ${study}`, width));
  return lines.join('\n');
}

function renderRun({ id, startedAt, manifest, shownAs, damage }: RunEntry, width?: number): string {
  const facts: [string, string | undefined][] = [
    ['run', `${id}${shownAs === undefined ? '' : `  (${shownAs})`}`],
    ['started', dateTime(startedAt)],
    ['outcome', paintOutcome(outcomeOf(manifest, damage))],
    ...(damage === undefined ? [] : [['its record', damage] as [string, string]]),
  ];
  if (manifest === undefined) return textTable({ rows: facts.map(([name, text]) => [name, text ?? '']) });
  const { program, node, platform, workers, study, configFile, seed } = manifest;
  const revision = program?.revision?.slice(0, 12);
  facts.push(
    [
      'took',
      `${duration(manifest.durationMs)}${workers === undefined ? '' : ` on ${count(workers, 'worker')}`}`,
    ],
    ['study', study ?? configFile],
    ['with', manifest.given?.length ? manifest.given.join(' ') : undefined],
    ['shows', manifest.complete === false ? 'a part of the study' : undefined],
    ['seed', seed === undefined ? undefined : String(seed)],
    [
      'program',
      program && `${program.name} ${program.version}${revision === undefined ? '' : ` (${revision})`}`,
    ],
    ['on', node && `Node ${node}, ${platform}`],
  );
  const known = facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]]));
  const sections = [textTable({ rows: known })];
  const targets = Object.entries(manifest.targets);
  if (targets.length > 0) sections.push(textTable({ rows: targets.map(([t, r]) => targetRow(t, r)), width }));
  if (manifest.failed.length > 0) {
    const lines = manifest.failed.map(
      ({ target, error }) => `${paint('red', 'failed')}  ${target}: ${error.message}`,
    );
    sections.push(lines.join('\n'));
  }
  if (manifest.blocked.length > 0) sections.push(`blocked: ${manifest.blocked.join(', ')}`);
  return sections.join('\n\n');
}

function targetRow(target: string, { state, outputs, durationMs, work }: ManifestTarget): string[] {
  const size = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
  const took = state === 'ran' ? duration(work?.totalMs ?? durationMs) : '';
  return [
    state === 'ran' ? paint('yellow', 'computed') : paint('green', 'reused'),
    target,
    took,
    bytes(size),
  ];
}

function tallyOf(manifest: RunManifest | undefined): { ran: number; cached: number } {
  const states = Object.values(manifest?.targets ?? {}).map(({ state }) => state);
  const ran = states.filter((state) => state === 'ran').length;
  return { ran, cached: states.length - ran };
}

function outcomeOf(manifest: RunManifest | undefined, damage: string | undefined): string {
  return manifest?.outcome ?? (damage === undefined ? 'unfinished' : 'damaged');
}

function paintOutcome(outcome: string): string {
  return paint(outcome === 'done' ? 'green' : outcome === 'failed' ? 'red' : 'yellow', outcome);
}
