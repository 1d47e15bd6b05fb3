/**
 * Files of action records: JSON whose last member is the SHA-256 of the text before it, so that every reader of the record
 * detects a flipped bit, not only `verify`.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { denied } from '../../permission.ts';
import { type ActionKey, KEY_SCHEMA } from '../keys/key.ts';
import type { ActionRecord, StoredOutput } from './record.ts';
import { isObject, isOutput } from './stored-json.ts';

export type ReadRecord =
  | { readonly state: 'whole'; readonly record: ActionRecord }
  | { readonly state: 'absent' }
  /** A record of an earlier or later version of the framework: neither usable nor damaged. */
  | { readonly state: 'foreign'; readonly schema: number }
  | { readonly state: 'damaged'; readonly detail: string }
  /** A record that this process may not read, and that may be intact. */
  | { readonly state: 'closed'; readonly detail: string };

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** End of a record file, with the checksum. Older records have none, and are read without it. */
const SUM = /,\n "sum": "([0-9a-f]{64})"\n}\n$/;

export function recordText(record: ActionRecord): string {
  const text = JSON.stringify(record, null, 1).slice(0, -2); // without the closing brace
  return `${text},\n "sum": "${sha256(text)}"\n}\n`;
}

/** Reads the record of a key. */
export function readRecordFile(path: string, key: ActionKey): ReadRecord {
  let text: string;
  try {
    // Avoids an exception for a missing file, which would cost ten times as much.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { state: 'absent' };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent' };
    const refused = denied(error);
    if (refused !== undefined) return { state: 'closed', detail: refused.message };
    return { state: 'damaged', detail: `cannot be read: ${message}` };
  }
  return parseRecord(text, key);
}

function parseRecord(text: string, key: ActionKey): ReadRecord {
  const end = SUM.exec(text.slice(-100));
  if (end !== null && sha256(text.slice(0, -end[0].length)) !== end[1]) {
    return { state: 'damaged', detail: 'its content does not have the sum that it names' };
  }
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return { state: 'damaged', detail: `is no JSON: ${(error as Error).message}` };
  }
  if (typeof found !== 'object' || found === null) return { state: 'damaged', detail: 'is no record' };
  const { sum, ...record } = found as ActionRecord & { sum?: string };
  if (record.key !== key) return { state: 'damaged', detail: 'its key is not its name' };
  if (record.schema !== KEY_SCHEMA) {
    return Number.isInteger(record.schema)
      ? { state: 'foreign', schema: record.schema }
      : { state: 'damaged', detail: 'has no schema version' };
  }
  if (!isObject(record.outputs)) return { state: 'damaged', detail: 'names no outputs' };
  const wrong = Object.entries(record.outputs).find(([, output]) => !isOutput(output));
  if (wrong !== undefined) return { state: 'damaged', detail: `does not say what its output ${wrong[0]} is` };
  if (!isObject(record.ingredients) || !isObject(record.ingredients.inputs) || !isObject(record.code)) {
    return { state: 'damaged', detail: 'does not say what it was made of' };
  }
  return { state: 'whole', record };
}

/** Lists all objects that a record names: outputs, and the files of folder outputs. */
export function objectsOf({ outputs }: ActionRecord): Pick<StoredOutput, 'hash' | 'bytes'>[] {
  return Object.values(outputs).flatMap((output) => [output, ...Object.values(output.files ?? {})]);
}
