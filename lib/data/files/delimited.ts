/** Tables of numbers as delimited text: .csv and .tsv, also gzipped, the first line a header. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { dataError } from '../../errors.ts';
import type { NamedRows } from './named-rows.ts';
import { decodeUtf8 } from './utf8.ts';

/** What pandas, R and spreadsheets write where a number is missing: the words that pandas reads so. */
const MISSING = new Set([
  ...['', 'NA', 'N/A', 'n/a', '<NA>', '#NA', '#N/A', '#N/A N/A', 'null', 'NULL', 'None'],
  ...['NaN', 'nan', '-NaN', '-nan', '1.#IND', '-1.#IND', '1.#QNAN', '-1.#QNAN'],
]);

/**
 * Reads a table. The first column names the rows; every column whose first value is a number is read, the others are
 * reported as ignored. The header may leave out the name of the first column, as R does. Throws data errors with file and
 * line: a row of another length, text in a column of numbers, an open quote.
 */
export async function readDelimited(path: string, separator: ',' | '\t'): Promise<NamedRows> {
  const file = createReadStream(path);
  const stream = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // Errors of the file do not pass through the pipe by themselves.
  file.on('error', (error) => stream.destroy(error));
  // Each byte as a character: lines are decoded one by one, so that one that is no UTF-8 can be named.
  stream.setEncoding('latin1');
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });

  const ids: string[] = [];
  let header: string[] | undefined;
  let numeric: number[] = [];
  let ignored: string[] = [];
  let values = new Float32Array(0);
  let lineNumber = 0;
  const refuse = (message: string, expected?: string) =>
    dataError(message, { where: `${path}:${lineNumber}`, expected });

  for await (const raw of lines) {
    lineNumber++;
    const text = decodeUtf8(Buffer.from(raw, 'latin1'), path, lineNumber);
    const line = lineNumber === 1 && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    if (line === '') continue;
    const fields = splitLine(line, separator);
    if (fields === undefined) throw refuse('a quote is not closed on its line', 'one row a line');
    if (header === undefined) {
      header = fields;
      continue;
    }
    if (ids.length === 0) {
      if (fields.length === header.length + 1) header.unshift('');
      if (fields.length < 2) {
        const name = separator === ',' ? 'commas' : 'tabs';
        throw refuse('the row has one column', `an id and its numbers, separated by ${name}`);
      }
      const columns = fields.map((_, c) => c).slice(1);
      numeric = columns.filter((c) => parseNumber(fields[c]) !== undefined);
      ignored = columns.filter((c) => !numeric.includes(c)).map((c) => header?.[c] ?? '');
    }
    if (fields.length !== header.length) {
      throw refuse(`the row has ${fields.length} columns`, `${header.length}, as in the header`);
    }
    const at = ids.length * numeric.length;
    if (at + numeric.length > values.length) {
      const larger = new Float32Array(Math.max(1024, 2 * (at + numeric.length)));
      larger.set(values);
      values = larger;
    }
    for (let d = 0; d < numeric.length; d++) {
      const value = parseNumber(fields[numeric[d]]);
      if (value === undefined) {
        throw refuse(
          `"${fields[numeric[d]].trim()}" in column "${header[numeric[d]]}" for "${fields[0]}"`,
          'a number',
        );
      }
      values[at + d] = value;
    }
    ids.push(fields[0]);
  }
  if (header === undefined) throw dataError('the file is empty', { where: path });
  return {
    ids,
    idColumn: header[0],
    columns: numeric.map((c) => header[c]),
    ignored,
    values: values.slice(0, ids.length * numeric.length),
  };
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(inity)?$/i;

/** A decimal number or an infinity; NaN where it is missing, undefined for what is none. */
function parseNumber(text: string): number | undefined {
  const field = text.trim();
  if (MISSING.has(field)) return Number.NaN;
  if (DECIMAL.test(field)) return Number(field);
  const infinite = INFINITE.exec(field);
  if (infinite === null) return undefined;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Fields of a line; quotes as in RFC 4180. Undefined if a quote stays open. */
export function splitLine(line: string, separator: string): string[] | undefined {
  if (!line.includes('"')) return line.split(separator);
  const fields: string[] = [];
  let at = 0;
  while (true) {
    if (line[at] !== '"') {
      const end = line.indexOf(separator, at);
      fields.push(line.slice(at, end === -1 ? undefined : end));
      if (end === -1) return fields;
      at = end + separator.length;
      continue;
    }
    let field = '';
    at++;
    while (true) {
      const quote = line.indexOf('"', at);
      if (quote === -1) return undefined;
      field += line.slice(at, quote);
      at = quote + 1;
      if (line[at] !== '"') break;
      field += '"';
      at++;
    }
    const end = line.indexOf(separator, at);
    fields.push(field + line.slice(at, end === -1 ? undefined : end));
    if (end === -1) return fields;
    at = end + separator.length;
  }
}
