/** Records of actions, as a store keeps them. */
import type { ActionKey, ContentHash, KeyIngredients } from '../keys/key.ts';
import type { ActionFacts } from '../stage.ts';

/** Output of an action. A folder is an object that lists its files, which are objects too. */
export interface StoredOutput {
  readonly kind: string;
  readonly hash: ContentHash;
  readonly bytes: number;
  readonly files?: Readonly<Record<string, { readonly hash: ContentHash; readonly bytes: number }>>;
}

export interface ActionRecord {
  readonly schema: number;
  readonly key: ActionKey;
  /** Target for which the action first ran, for messages. */
  readonly target: string;
  readonly ingredients: KeyIngredients;
  /** Pieces of the code identity: file or package → hash or version. */
  readonly code: Readonly<Record<string, string>>;
  /** Outputs by slot; slots that the action left unwritten are absent. */
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  readonly durationMs: number;
  readonly peakRssBytes: number;
  /** Memory use and input size of the action; absent in records of earlier versions. */
  readonly memory?: TakenBefore;
  /** Work of the whole target, including its parts; absent if the action is the whole target. */
  readonly work?: Work;
}

/** Output that a worker wrote to a scratch folder. */
export interface Written {
  readonly output: StoredOutput;
  /** Files to move into the store, with their hashes. */
  readonly files: readonly { readonly path: string; readonly hash: ContentHash }[];
}

export type Role = ActionFacts['role'];

/** Maximum memory use of actions in bytes, by role, and the bytes of their inputs. */
export interface TakenBefore {
  readonly bytes: Partial<Readonly<Record<Role, number>>>;
  readonly inputBytes: number;
}

export interface Work {
  /** Sum of the times of all actions, as if run sequentially. */
  readonly totalMs: number;
  /** Time of the longest action: a lower bound for the target, with any number of workers. */
  readonly longestMs: number;
  readonly peakRssBytes: number;
  /** Bytes of all outputs in the store. */
  readonly bytes: number;
  /** Memory use of the actions, by role; absent in records of earlier versions. */
  readonly memory?: TakenBefore;
}

/** Published output in a manifest. Earlier versions did not record whether it is a folder. */
export interface PublishedOutput {
  readonly kind: string;
  readonly hash: ContentHash;
  readonly bytes: number;
  readonly folder?: boolean;
}
