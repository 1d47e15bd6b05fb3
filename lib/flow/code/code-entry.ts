/** Unit of code that has one identity, and that identity. */
import { fileURLToPath } from 'node:url';
import type { CodeHash } from '../keys/key.ts';

export interface CodeIdentity {
  readonly hash: CodeHash;
  /** Components of the identity, to report what changed: file or package → hash or version. */
  readonly pieces: Readonly<Record<string, string>>;
}

/** Entry point of a bundle: a stage's file, or a file with code of some instances. */
export interface CodeEntry {
  /** URL or absolute path. */
  readonly module: string;
  /** URLs of modules that are excluded from the bundle. */
  readonly externals?: readonly string[];
  /** Package names whose resolution overrides Node's: name → URL. See `names` of a stage. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Version of the identity algorithm; raise it whenever that changes. */
export const SCHEME = 7;

/** Path of a module given by URL or path. */
export function pathOf(module: string): string {
  return module.startsWith('file:') ? fileURLToPath(module) : module;
}

/** Result of identifying an entry, without the questions asked. */
export interface Identified {
  readonly identity: CodeIdentity;
  /** Files read as code or as assets, and npm's lock files. */
  readonly files: readonly string[];
  /** Folders whose whole content counts: packages and assets. */
  readonly folders: readonly string[];
  /** Files and folders that the code names and that do not exist. */
  readonly absent: readonly string[];
  /** Environment variables that the code reads. */
  readonly variables: readonly string[];
}
