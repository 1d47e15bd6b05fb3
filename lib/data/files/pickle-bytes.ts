/** Bytes of a pickle, read from front to back: numbers, texts and lines as its instructions write them. */
import { isUtf8 } from 'node:buffer';
import { dataError } from '../../errors.ts';

const EXPECTED = 'a pickle of plain dictionaries, lists, tuples, texts, numbers, booleans or None';

/**
 * Reader of a pickle's bytes. Every method advances by the bytes it reads. Throws a data error, with the place, for
 * truncated or damaged bytes.
 */
export class PickleBytes {
  readonly #bytes: Buffer;
  readonly #path: string;
  /** Offset of the next read. */
  at = 0;

  constructor(bytes: Buffer, path: string) {
    this.#bytes = bytes;
    this.#path = path;
  }

  /** Advances by `length` bytes and returns where they start. */
  #take(length: number): number {
    this.checkLength(length);
    const start = this.at;
    this.at += length;
    return start;
  }

  checkLength(length: number): void {
    if (!(length >= 0 && length <= this.#bytes.length - this.at)) {
      throw this.refuse('the pickle is truncated or damaged');
    }
  }

  uint8(): number {
    return this.#bytes[this.#take(1)];
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32LE(this.#take(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  uint64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#take(8)));
  }

  raw(length: number): Buffer {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  utf8(length: number): string {
    const raw = this.raw(length);
    const text = raw.toString('utf8');
    if (text.includes('\ufffd') && !isUtf8(raw)) throw this.damaged();
    return text;
  }

  /** Reads a text of Python 2, given its number of bytes. */
  oldText(length: number): string | Buffer {
    return textOrBytes(this.raw(length));
  }

  /** Reads a text that has its other characters as \uXXXX. */
  escapedLine(): string {
    return unescapeUnicode(this.line());
  }

  /** Reads a little-endian two's complement number of any length. */
  long(length: number): number {
    const raw = this.raw(length);
    if (length > 8) throw this.#tooLarge();
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i]);
    return this.#safe(BigInt.asIntN(8 * Math.max(1, length), value));
  }

  #safe(value: bigint): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw this.#tooLarge();
    return number;
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end === -1) throw this.refuse('the pickle is truncated or damaged');
    const text = this.#bytes.toString('latin1', this.at, end);
    this.at = end + 1;
    return text;
  }

  lineNumber(): number {
    const line = this.line();
    if (!/^\d{1,9}$/.test(line)) throw this.damaged();
    return Number(line);
  }

  textInteger(): number | boolean {
    const line = this.line();
    if (line === '00') return false;
    if (line === '01') return true;
    if (!/^-?\d{1,20}L?$/.test(line)) throw /^-?\d+L?$/.test(line) ? this.#tooLarge() : this.damaged();
    return this.#safe(BigInt(line.replace('L', '')));
  }

  textFloat(): number {
    const line = this.line();
    const special: Record<string, number> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
    if (line in special) return special[line];
    const value = Number(line);
    if (line.trim() === '' || Number.isNaN(value)) throw this.damaged();
    return value;
  }

  /** Reads a text of Python 2 that stands as its repr. */
  quoted(): string | Buffer {
    const line = this.line().trimEnd();
    const [, quote, body] = /^(['"])(.*)\1$/s.exec(line) ?? [];
    if (quote === undefined) throw this.damaged();
    const text = body.replace(/\\(x[0-9a-f]{2}|.)/gs, (_, code: string) =>
      code.length > 1
        ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
        : ({ n: '\n', r: '\r', t: '\t' }[code] ?? code),
    );
    return textOrBytes(Buffer.from(text, 'latin1'));
  }

  #tooLarge(): Error {
    return this.refuse('the pickle holds a whole number beyond 2^53');
  }

  damaged(): Error {
    return this.refuse('not a pickle, or a damaged one');
  }

  refuse(message: string, expected = EXPECTED): Error {
    return dataError(message, {
      where: `${this.#path}, byte ${this.at}`,
      expected,
      hint: "write the data as JSON, if you trust the file: python -c \"import json, pickle; json.dump(pickle.load(open('in.pkl', 'rb')), open('out.json', 'w'), default=float)\"",
    });
  }
}

/** Text or bytes: a text of Python 2 may be either, and texts of numbers and genes are ASCII. */
function textOrBytes(raw: Buffer): string | Buffer {
  return raw.every((byte) => byte < 0x80) ? raw.toString('latin1') : raw;
}

const unescapeUnicode = (line: string) =>
  line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, four?: string, eight?: string) =>
    four !== undefined
      ? String.fromCharCode(Number.parseInt(four, 16))
      : String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(eight!, 16))),
  );
