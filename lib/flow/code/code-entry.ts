/** Code that is identified as one, and its identity. */
import { fileURLToPath } from 'node:url';
import type { CodeHash } from '../keys/key.ts';

export interface CodeIdentity {
  readonly hash: CodeHash;
  /** What the identity is made of, for telling what changed: file or package → hash or version. */
  readonly pieces: Readonly<Record<string, string>>;
}

/** What is bundled: a stage's file, or a file with code of some instances. */
export interface CodeEntry {
  /** URL or absolute path. */
  readonly module: string;
  /** URLs of modules that are left out. */
  readonly externals?: readonly string[];
  /** What names of packages mean, whatever Node finds: name → URL. See `names` of a stage. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Raise it when the way of making an identity changes. */
export const SCHEME = 7;

/** The path of a module that is named by URL or path. */
export function pathOf(module: string): string {
  return module.startsWith('file:') ? fileURLToPath(module) : module;
}

/** What was found out about an entry, besides the questions that were asked. */
export interface Identified {
  readonly identity: CodeIdentity;
  /** Files that were read as code or as assets, and npm's records. */
  readonly files: readonly string[];
  /** Folders that count as a whole: packages and assets. */
  readonly folders: readonly string[];
  /** Files and folders that are named and not there. */
  readonly absent: readonly string[];
  /** Variables of the environment that the code reads. */
  readonly variables: readonly string[];
}
