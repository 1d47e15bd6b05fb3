/**
 * One byte string for one value: typed and length-prefixed, so that no two different values share theirs,
 * and with object keys in code-unit order, so that the order in which a config was written never matters.
 *
 *     null n · true t · false f · number d<float64 big-endian> · string s<length><utf-8>
 *     array a<count><items> · object o<count><key, value>…       lengths and counts: uint32 big-endian
 */
import { createHash, type Hash } from 'node:crypto';

/** Thrown with the path of the first value that has no canonical form. */
export class NotCanonicalError extends TypeError {
  readonly path: string;
  constructor(path: string, what: string) {
    super(`${path === '' ? 'the value' : path} is ${what}, which cannot be part of a key`);
    this.name = 'NotCanonicalError';
    this.path = path;
  }
}

interface Sink {
  update(bytes: Uint8Array): unknown;
}

/** SHA-256 of the canonical form, as hex. Properties that are undefined count as absent. */
export function canonicalHash(value: unknown): string {
  const hash: Hash = createHash('sha256');
  write(value, '', hash);
  return hash.digest('hex');
}

/** The canonical form itself. */
export function canonicalBytes(value: unknown): Uint8Array {
  const pieces: Uint8Array[] = [];
  write(value, '', { update: (bytes) => pieces.push(bytes) });
  return Buffer.concat(pieces);
}

function write(value: unknown, path: string, sink: Sink): void {
  if (value === null) sink.update(Buffer.from('n'));
  else if (value === true) sink.update(Buffer.from('t'));
  else if (value === false) sink.update(Buffer.from('f'));
  else if (typeof value === 'number') writeNumber(value, path, sink);
  else if (typeof value === 'string') writeString(value, path, sink);
  else if (Array.isArray(value)) {
    sink.update(header('a', value.length));
    for (let i = 0; i < value.length; i++) write(value[i], `${path}[${i}]`, sink);
  } else if (typeof value === 'object' && isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    sink.update(header('o', entries.length));
    for (const [key, item] of entries) {
      const at = path === '' ? key : `${path}.${key}`;
      writeString(key, at, sink);
      write(item, at, sink);
    }
  } else throw new NotCanonicalError(path, describe(value));
}

function writeNumber(value: number, path: string, sink: Sink): void {
  if (!Number.isFinite(value)) throw new NotCanonicalError(path, String(value));
  const bytes = Buffer.alloc(9);
  bytes.write('d');
  bytes.writeDoubleBE(value === 0 ? 0 : value, 1); // −0 and 0 are the same number in a config
  sink.update(bytes);
}

function writeString(value: string, path: string, sink: Sink): void {
  if (!value.isWellFormed()) throw new NotCanonicalError(path, 'a string with a lone surrogate');
  const bytes = Buffer.from(value, 'utf8');
  sink.update(header('s', bytes.length));
  sink.update(bytes);
}

function header(tag: string, count: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes.write(tag);
  bytes.writeUInt32BE(count, 1);
  return bytes;
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
