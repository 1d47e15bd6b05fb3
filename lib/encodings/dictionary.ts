/** Reader for the dictionaries that models publish, gene to number or gene to name: as JSON or as a Python pickle. */
import { readFile } from 'node:fs/promises';
import { PickleArray, parsePickle } from '../data/files/pickle.ts';
import { decodeUtf8 } from '../data/files/utf8.ts';
import { dataError } from '../errors.ts';
import type { ExternalFile } from '../flow/stage.ts';

/** Reads a dictionary of finite numbers. */
export function readNumbers(file: ExternalFile): Promise<Map<string, number>> {
  return readDictionary(
    file,
    'finite numbers',
    (value): value is number => typeof value === 'number' && Number.isFinite(value),
  );
}

/** Reads a dictionary of strings. */
export function readStrings(file: ExternalFile): Promise<Map<string, string>> {
  return readDictionary(file, 'strings', (value): value is string => typeof value === 'string');
}

async function readDictionary<T>(
  { path }: ExternalFile,
  what: string,
  accepts: (value: unknown) => value is T,
): Promise<Map<string, T>> {
  const expected = `one object (JSON) or dictionary (Python pickle) whose values are ${what}`;
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw dataError(`cannot read the dictionary: ${cause.code ?? cause.message}`, {
      where: path,
      expected,
      cause,
    });
  });
  // Every pickle of protocol 2 or later starts with this byte, which no UTF-8 text does.
  const isPickle = bytes[0] === 0x80 || /\.(pkl|pickle)$/i.test(path);
  const parsed = isPickle ? parsePickle(bytes, path) : parseJson(bytes, path, expected);
  const found = kindOf(parsed);
  if (found !== 'a dictionary') throw dataError(`the dictionary is ${found}`, { where: path, expected });
  const entries = new Map<string, T>();
  for (const [key, value] of parsed instanceof Map ? parsed : Object.entries(parsed as object)) {
    if (typeof key !== 'string' || !accepts(value)) {
      throw dataError(`the dictionary has ${shown(value)} for ${shown(key)}`, {
        where: path,
        expected,
      });
    }
    entries.set(key, value);
  }
  if (entries.size === 0) throw dataError('the dictionary is empty', { where: path, expected });
  return entries;
}

function parseJson(bytes: Buffer, path: string, expected: string): unknown {
  const text = decodeUtf8(bytes, path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw dataError(`the dictionary is not JSON: ${(cause as Error).message}`, {
      where: path,
      expected,
      cause,
    });
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof PickleArray) return 'an array';
  if (value instanceof Uint8Array) return 'bytes';
  return typeof value === 'object' ? 'a dictionary' : `a ${typeof value}`;
}

/** Text of a value for a message: in full only if it is short by nature. */
function shown(value: unknown): string {
  if (typeof value === 'object') return kindOf(value);
  return typeof value === 'string' ? JSON.stringify(value).slice(0, 60) : String(value);
}
