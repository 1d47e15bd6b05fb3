/** Comparison of two runs by their records: config, code, input files, outputs. */
import { type CodeChange, codeChanges } from '../code/change.ts';
import type { Cause } from '../decide/decision.ts';
import { paramCauses } from '../decide/explain.ts';
import type { Plain } from '../stage.ts';
import type { ActionRecord } from '../store/record.ts';
import type { ManifestInput, ManifestTarget, RunManifest } from './run-manifest.ts';

/** Output that differs between two runs. */
export interface OutputChange {
  /** Name of the output under `latest/`. */
  readonly name: string;
  readonly change: 'changed' | 'added' | 'removed';
  readonly kind: string;
  readonly old?: string;
  readonly new?: string;
}

/** Differences between two runs. */
export interface RunDiff {
  /** Changed config keys with their values, including the seed. */
  readonly config: readonly (Cause & { kind: 'param' })[];
  readonly program?: { readonly old: string; readonly new: string };
  /** Changed modules in the code of targets of both runs, each with one of these targets. */
  readonly code: readonly (CodeChange & { readonly target: string })[];
  /** Targets whose action records are gone, so that their code cannot be compared. */
  readonly codeUnknown: readonly string[];
  readonly files: readonly { readonly path: string; readonly change: 'changed' | 'added' | 'removed' }[];
  readonly targets: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly outputs: readonly OutputChange[];
  /** Number of outputs with the same bytes in both runs. */
  readonly same: number;
}

/** Compares the records of two runs: config, code, input files, outputs. */
export function diffRuns(
  a: RunManifest,
  b: RunManifest,
  recordOf: (key: ManifestTarget['key']) => ActionRecord | undefined,
  textOf: (hash: string) => string | undefined,
): RunDiff {
  const [oldIds, newIds] = [a, b].map(({ targets }) => Object.keys(targets));
  const both = newIds.filter((id) => oldIds.includes(id));
  const seen = new Set<string>();
  const code: (CodeChange & { target: string })[] = [];
  const codeUnknown: string[] = [];
  for (const target of both) {
    if (a.targets[target].key === b.targets[target].key) continue;
    const [old, current] = [a, b].map((run) => recordOf(run.targets[target].key)?.code);
    if (old === undefined || current === undefined) codeUnknown.push(target);
    else {
      for (const change of codeChanges(old, current, textOf)) {
        if (!seen.has(change.name)) code.push({ ...change, target });
        seen.add(change.name);
      }
    }
  }
  const config = (run: RunManifest) => ({ ...run.config, seed: run.seed }) as Plain;
  const [old, current] = [a, b].map((run) => run.published ?? {});
  const names = [...new Set([...Object.keys(old), ...Object.keys(current)])].sort();
  const changed = names.filter((name) => old[name]?.hash !== current[name]?.hash);
  return {
    config: paramCauses(config(a), config(b), '') as RunDiff['config'],
    program: programOf(a) === programOf(b) ? undefined : { old: programOf(a), new: programOf(b) },
    code,
    codeUnknown,
    files: fileChanges(filesOf(a), filesOf(b)),
    targets: {
      added: newIds.filter((id) => !oldIds.includes(id)),
      removed: oldIds.filter((id) => !newIds.includes(id)),
    },
    outputs: changed.map((name) => ({
      name,
      change: changeOf(old[name], current[name]),
      kind: (current[name] ?? old[name]).kind,
      old: old[name]?.hash,
      new: current[name]?.hash,
    })),
    same: names.length - changed.length,
  };
}

/** Files and folders outside the store that a run read: path → content hash. */
export function filesOf(run: RunManifest): Map<string, string> {
  const inputs = Object.values(run.targets).flatMap((t) => Object.values(t.inputs ?? {}).flat());
  const files = inputs.filter((input): input is ManifestInput & { file: string } => 'file' in input);
  return new Map(files.map(({ file, hash }) => [file, hash]));
}

function fileChanges(
  old: ReadonlyMap<string, string>,
  current: ReadonlyMap<string, string>,
): RunDiff['files'] {
  const paths = [...new Set([...old.keys(), ...current.keys()])].sort();
  return paths
    .filter((path) => old.get(path) !== current.get(path))
    .map((path) => ({ path, change: changeOf(old.get(path), current.get(path)) }));
}

function changeOf(old: unknown, current: unknown): 'changed' | 'added' | 'removed' {
  return old === undefined ? 'added' : current === undefined ? 'removed' : 'changed';
}

function programOf({ program, node, platform }: RunManifest): string {
  const revision = program?.revision?.slice(0, 12);
  const name = `${program?.name} ${program?.version}${revision === undefined ? '' : ` (${revision})`}`;
  return `${name}, Node ${node}, ${platform}`;
}
