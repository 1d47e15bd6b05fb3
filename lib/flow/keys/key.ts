/**
 * Cache key of an action: a hash of everything that its output bytes depend on, and of nothing else. A key never includes
 * names of instances, paths, hosts, attempts, worker counts or times.
 */
import type { Plain } from '../stage.ts';
import { canonicalHash, NotCanonicalError } from './canonical.ts';

export type ContentHash = string & { readonly __contentHash: unique symbol };
export type ActionKey = string & { readonly __actionKey: unique symbol };
export type CodeHash = string & { readonly __codeHash: unique symbol };

/** Version of the key schema. Raise it when the meaning of a key or the layout of a record changes: old records then miss. */
export const KEY_SCHEMA = 1;

/** Input as part of a key: its kind and content hash. */
export interface InputContent {
  readonly kind: string;
  readonly hash: ContentHash;
}

export interface KeyIngredients {
  readonly code: CodeHash;
  readonly params: Plain;
  readonly inputs: Readonly<Record<string, InputContent | readonly InputContent[]>>;
  /** Seed; null for a stage that draws no random numbers. */
  readonly seed: number | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Portion of the target's work. The name is fixed, because keys and records contain it. */
  readonly share: Portion;
}

/** Portion of a target's work: all of it, a plan, or a part. */
export type Portion =
  | { readonly role: 'whole' }
  | { readonly role: 'plan'; readonly round: number; readonly rounds: readonly (readonly PartContent[])[] }
  | { readonly role: 'part'; readonly round: number; readonly part: Plain };

/** Outputs of a finished part: slot → content. */
export type PartContent = Readonly<Record<string, InputContent>>;

export function actionKey(ingredients: KeyIngredients, stage: string): ActionKey {
  try {
    return canonicalHash({ schema: KEY_SCHEMA, ...ingredients }) as ActionKey;
  } catch (error) {
    if (error instanceof NotCanonicalError) {
      throw new TypeError(`stage ${stage}: ${error.message}; params and parts must be plain data`);
    }
    throw error;
  }
}
