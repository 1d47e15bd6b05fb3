/** Reads the dictionaries that models publish: one JSON object, gene to number or gene to name. */
import { readFile } from 'node:fs/promises';
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
  const expected = `a JSON file with one object whose values are ${what}`;
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw dataError(`cannot read the dictionary: ${cause.code ?? cause.message}`, {
      where: path,
      expected,
      cause,
    });
  });
  // Every pickle of protocol 2 or later starts with this byte, which no UTF-8 text does.
  if (bytes[0] === 0x80 || path.endsWith('.pkl')) {
    throw dataError('the dictionary is a Python pickle', {
      where: path,
      expected,
      hint: `python -c "import json, pickle; json.dump(pickle.load(open('dictionary.pkl', 'rb')), open('dictionary.json', 'w'))"`,
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw dataError(`the dictionary is not JSON: ${(cause as Error).message}`, {
      where: path,
      expected,
      cause,
    });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    const found = Array.isArray(parsed) ? 'a list' : parsed === null ? 'null' : `a ${typeof parsed}`;
    throw dataError(`the dictionary is ${found}`, { where: path, expected });
  }
  const entries = new Map<string, T>();
  for (const [key, value] of Object.entries(parsed)) {
    if (!accepts(value)) {
      throw dataError(`the dictionary has ${JSON.stringify(value)?.slice(0, 60)} for "${key}"`, {
        where: path,
        expected,
      });
    }
    entries.set(key, value);
  }
  if (entries.size === 0) throw dataError('the dictionary is empty', { where: path, expected });
  return entries;
}
