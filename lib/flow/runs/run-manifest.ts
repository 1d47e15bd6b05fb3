import type { Cause, State } from '../decide/decision.ts';
import type { RunOutcome } from '../events.ts';
import type { ActionKey, ContentHash } from '../keys/key.ts';
import type { Plain } from '../stage.ts';
import type { PublishedOutput, StoredOutput, Work } from '../store/record.ts';

/** Input of a target in a run: a file or folder outside the store, or an output of another target, with its content hash. */
export type ManifestInput =
  | { readonly file: string; readonly hash: ContentHash }
  | { readonly target: string; readonly output: string; readonly hash: ContentHash };

/** Target in the manifest of a run. */
export interface ManifestTarget {
  readonly key: ActionKey;
  readonly state: State | 'ran';
  readonly causes: readonly Cause[];
  readonly inputs: Readonly<Record<string, readonly ManifestInput[]>>;
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  readonly durationMs: number;
  readonly work?: Work;
}

/** Manifest of a run, as written by `run`. Runs of earlier versions lack the optional fields. */
export interface RunManifest {
  readonly run: string;
  readonly outcome: RunOutcome;
  readonly program?: { readonly name: string; readonly version: string; readonly revision: string | null };
  readonly node?: string;
  readonly platform?: string;
  readonly configFile?: string;
  readonly config?: Readonly<Record<string, Plain>>;
  readonly seed?: number;
  readonly study?: string;
  /** Whether all targets of the study were up to date when the run was done. */
  readonly complete?: boolean;
  /** Values given besides the config file, as given. */
  readonly given?: readonly string[];
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly durationMs: number;
  readonly workers?: number;
  readonly targets: Readonly<Record<string, ManifestTarget>>;
  readonly failed: readonly { readonly target: string; readonly error: { readonly message: string } }[];
  readonly blocked: readonly string[];
  /** Published outputs by name under `latest/`; absent if the run published nothing. */
  readonly published?: Readonly<Record<string, PublishedOutput>>;
}
