/** The record of a key in one store, if all that it names is there. */
import { never } from '../../errors.ts';
import { hintOf } from '../hints.ts';
import { type ActionKey, KEY_SCHEMA } from '../keys/key.ts';
import type { StoreLayout } from './layout.ts';
import { type Problem, problemWith } from './object-problem.ts';
import type { ActionRecord } from './record.ts';
import { readRecordFile } from './record-file.ts';

export type Lookup =
  /** `from` is the shared store, where it is only there yet. */
  | { readonly state: 'hit'; readonly record: ActionRecord; readonly from?: string }
  /**
   * `detail` says why, where it is not just that nothing was made yet: a record of another version, for one. `shared` says
   * why what the shared store has is of no use.
   */
  | { readonly state: 'miss'; readonly detail?: string; readonly shared?: string }
  /** There is a record, but it cannot be read, or an object that it names is gone or has the wrong size. */
  | {
      readonly state: 'damaged';
      readonly output: string;
      readonly detail: string;
    }
  /** There is a record, but this process may not read it, or an object that it names. */
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

/** What to say of a record of another schema than this version's. */
export const otherSchema = (found: number) =>
  `its record is of schema ${found}, and this version of ${hintOf('program')} reads schema ${KEY_SCHEMA}`;
