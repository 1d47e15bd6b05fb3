/** What a store keeps of an action. */
import type { ActionKey, ContentHash, KeyIngredients } from '../keys/key.ts';
import type { ActionFacts } from '../stage.ts';

/** One output of an action. A folder is an object that lists its files, which are objects too. */
export interface StoredOutput {
  readonly kind: string;
  readonly hash: ContentHash;
  readonly bytes: number;
  readonly files?: Readonly<Record<string, { readonly hash: ContentHash; readonly bytes: number }>>;
}

export interface ActionRecord {
  readonly schema: number;
  readonly key: ActionKey;
  /** The target for which the action ran first, for people. */
  readonly target: string;
  readonly ingredients: KeyIngredients;
  /** Pieces of the code identity: file or package → hash or version. */
  readonly code: Readonly<Record<string, string>>;
  /** slot → output; slots that the run left unwritten are absent. */
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  readonly durationMs: number;
  readonly peakRssBytes: number;
  /** What the action took of the memory, and how much it read; absent in records of earlier versions. */
  readonly memory?: TakenBefore;
  /** What the whole target took, its parts included; absent where the action is all of it. */
  readonly work?: Work;
}

/** What a worker left in a scratch folder for one output. */
export interface Written {
  readonly output: StoredOutput;
  /** The files to move into the store, by hash. */
  readonly files: readonly { readonly path: string; readonly hash: ContentHash }[];
}

export type Role = ActionFacts['role'];

/** The most memory that actions took, in bytes, by role, and how much they read. */
export interface TakenBefore {
  readonly bytes: Partial<Readonly<Record<Role, number>>>;
  readonly inputBytes: number;
}

export interface Work {
  /** The sum of their times, as if one after the other. */
  readonly totalMs: number;
  /** The longest of them: no number of workers makes the target quicker than this. */
  readonly longestMs: number;
  readonly peakRssBytes: number;
  /** Bytes that they left in the store. */
  readonly bytes: number;
  /** What they took of the memory, by role; absent in records of earlier versions. */
  readonly memory?: TakenBefore;
}

/** What a manifest says of a published output. Earlier versions did not say whether it is a folder. */
export interface PublishedOutput {
  readonly kind: string;
  readonly hash: ContentHash;
  readonly bytes: number;
  readonly folder?: boolean;
}
