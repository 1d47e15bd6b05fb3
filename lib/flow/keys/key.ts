/**
 * The key of an action: a hash of everything that its bytes depend on, and of nothing else. Never in a key:
 * names of instances, paths, hosts, attempts, worker counts, times.
 */
import type { Plain } from '../stage.ts';
import { canonicalHash, NotCanonicalError } from './canonical.ts';

export type ContentHash = string & { readonly __contentHash: unique symbol };
export type ActionKey = string & { readonly __actionKey: unique symbol };
export type CodeHash = string & { readonly __codeHash: unique symbol };

/** Raise it when the meaning of a key or the layout of a record changes: all earlier records then miss. */
export const KEY_SCHEMA = 1;

/** An input as the key sees it: what it is and what is in it. */
export interface InputContent {
  readonly kind: string;
  readonly hash: ContentHash;
}

export interface KeyIngredients {
  readonly code: CodeHash;
  readonly params: Plain;
  readonly inputs: Readonly<Record<string, InputContent | readonly InputContent[]>>;
  /** Null for a stage that draws no random numbers. */
  readonly seed: number | null;
  readonly environment: Readonly<Record<string, string>>;
  /** The portion of the target's work. Keys and records have called it so since the first. */
  readonly share: Portion;
}

/** A portion of a target's work. */
export type Portion =
  | { readonly role: 'whole' }
  | { readonly role: 'plan'; readonly round: number; readonly rounds: readonly (readonly PartContent[])[] }
  | { readonly role: 'part'; readonly round: number; readonly part: Plain };

/** The outputs of a finished part: slot → content. */
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
