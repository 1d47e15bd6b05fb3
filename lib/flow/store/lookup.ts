/** Lookup of a key's record in one store; a hit requires that all objects it names exist. */
import { never } from '../../errors.ts';
import { hintOf } from '../hints.ts';
import { type ActionKey, KEY_SCHEMA } from '../keys/key.ts';
import type { StoreLayout } from './layout.ts';
import { type Problem, problemWith } from './object-problem.ts';
import type { ActionRecord } from './record.ts';
import { readRecordFile } from './record-file.ts';

export type Lookup =
  /** The record and its objects exist. `from` is the shared store, if they are only there so far. */
  | { readonly state: 'hit'; readonly record: ActionRecord; readonly from?: string }
  /**
   * There is no usable record. `detail` is the reason, if it is not just that nothing was made yet: a record of another
   * version, for example. `shared` is the reason why the shared store's record cannot be used.
   */
  | { readonly state: 'miss'; readonly detail?: string; readonly shared?: string }
  /** The record exists but cannot be read, or an object that it names is missing or has the wrong size. */
  | {
      readonly state: 'damaged';
      readonly output: string;
      readonly detail: string;
    }
  /** The record exists, but this process may not read it or an object that it names. */
  | { readonly state: 'closed'; readonly detail: string };

export function lookupIn(layout: StoreLayout, key: ActionKey): Lookup {
  const found = readRecordFile(layout.record(key), key);
  switch (found.state) {
    case 'absent':
      return { state: 'miss' };
    case 'foreign':
      return { state: 'miss', detail: otherSchema(found.schema) };
    case 'damaged':
      return { state: 'damaged', output: 'the record', detail: `${layout.record(key)} ${found.detail}` };
    case 'closed':
      return { state: 'closed', detail: found.detail };
    case 'whole': {
      const problem = problemOf(layout, found.record);
      if (problem === undefined) return { state: 'hit', record: found.record };
      return problem.isClosed
        ? { state: 'closed', detail: problem.detail }
        : { state: 'damaged', output: problem.output, detail: problem.detail };
    }
    default:
      return never(found);
  }
}

function problemOf(
  layout: StoreLayout,
  { outputs }: ActionRecord,
): (Problem & { output: string }) | undefined {
  for (const [slot, output] of Object.entries(outputs)) {
    for (const { hash, bytes } of [output, ...Object.values(output.files ?? {})]) {
      const problem = problemWith(layout.object(hash), bytes);
      if (problem !== undefined) return { output: slot, ...problem };
    }
  }
  return undefined;
}

/** Message about a record whose schema is not that of this version. */
export const otherSchema = (found: number) =>
  `its record is of schema ${found}, and this version of ${hintOf('program')} reads schema ${KEY_SCHEMA}`;
