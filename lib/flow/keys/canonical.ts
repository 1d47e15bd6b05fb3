/**
 * Canonical binary form of plain values: typed and length-prefixed, so that different values never have the same bytes, and
 * with object keys in code-unit order, so that the order of keys in a config does not matter.
 *
 *     null n · true t · false f · number d<float64 big-endian> · string s<length><utf-8>
 *     array a<count><items> · object o<count><key, value>…       lengths and counts: uint32 big-endian
 */
import { createHash } from 'node:crypto';

/** Error for a value without a canonical form; `path` locates the first such value. */
export class NotCanonicalError extends TypeError {
  readonly path: string;
  constructor(path: string, what: string) {
    super(`${path === '' ? 'the value' : path} is ${what}, which cannot be part of a key`);
    this.name = 'NotCanonicalError';
    this.path = path;
  }
}

/** SHA-256 of the canonical form, as hex. Properties that are undefined count as absent. */
export function canonicalHash(value: unknown): string {
  return createHash('sha256').update(canonicalBytes(value)).digest('hex');
}

/** Canonical form of a value. Throws a `NotCanonicalError` for a value without one. */
export function canonicalBytes(value: unknown): Uint8Array {
  const form = new Form();
  write(value, '', form);
  return form.bytes();
}

/** Growing byte buffer: a buffer per value would mean a million buffers for a large graph. */
class Form {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  tag(letter: string): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = letter.charCodeAt(0);
  }

  header(tag: string, count: number): void {
    this.tag(tag);
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32BE(count, this.#length);
  }

  number(value: number): void {
    this.tag('d');
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleBE(value, this.#length);
  }

  string(value: string): void {
    const bytes = Buffer.byteLength(value, 'utf8');
    this.header('s', bytes);
    this.#reserve(bytes);
    this.#length += this.#buffer.write(value, this.#length, 'utf8');
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function write(value: unknown, path: string, form: Form): void {
  if (value === null) form.tag('n');
  else if (value === true) form.tag('t');
  else if (value === false) form.tag('f');
  else if (typeof value === 'number') writeNumber(value, path, form);
  else if (typeof value === 'string') writeString(value, path, form);
  else if (Array.isArray(value)) {
    form.header('a', value.length);
    for (let i = 0; i < value.length; i++) write(value[i], `${path}[${i}]`, form);
  } else if (typeof value === 'object' && isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    form.header('o', entries.length);
    for (const [key, item] of entries) {
      const at = path === '' ? key : `${path}.${key}`;
      writeString(key, at, form);
      write(item, at, form);
    }
  } else throw new NotCanonicalError(path, describe(value));
}

function writeNumber(value: number, path: string, form: Form): void {
  if (!Number.isFinite(value)) throw new NotCanonicalError(path, String(value));
  form.number(value === 0 ? 0 : value); // −0 and 0 are the same number in a config
}

function writeString(value: string, path: string, form: Form): void {
  if (!value.isWellFormed()) throw new NotCanonicalError(path, 'a string with a lone surrogate');
  form.string(value);
}

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (typeof value === 'object') return `a ${value?.constructor?.name ?? 'class instance'}`;
  return `a ${typeof value}`;
}
