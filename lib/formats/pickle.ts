/**
 * Python pickles of plain data, protocols 0 to 5: dictionaries, lists, tuples, texts, bytes, numbers, booleans and
 * None, and numbers and arrays of NumPy (`pickle-numpy.ts`). A pickle is a program for a small stack machine. This
 * one knows only the instructions that make such data: it can import nothing and call nothing, and what would is
 * refused by its name, as are instances of classes, sets and references to other files.
 *
 * Instructions: Lib/pickletools.py of CPython.
 */
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { dataError } from '../errors.ts';
import { build, call, globalOf, isNumpyObject, type NumpyObject, PickleArray } from './pickle-numpy.ts';

export { PickleArray };

export type PickleKey = string | number | boolean | null;
/** Tuples come as lists. A list or dictionary may hold itself: who walks deep must count. */
export type PickleValue = PickleKey | Uint8Array | PickleArray | PickleValue[] | Map<PickleKey, PickleValue>;

/** Whatever may lie on the stack. */
export type Item = PickleValue | NumpyObject;

/** Dictionaries of models have some megabytes, matrices of gene vectors some hundred. */
const MAX_BYTES = 2 ** 30;
const EXPECTED = 'a pickle of plain dictionaries, lists, tuples, texts, numbers, booleans or None';

/** Reads a pickle. Errors: anything that is not plain data, damaged or truncated files, too large ones. */
export async function readPickle(path: string): Promise<PickleValue> {
  const handle = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw dataError(`cannot read the pickle: ${cause.code ?? cause.message}`, { where: path, cause });
  });
  try {
    const { size } = await handle.stat();
    if (size > MAX_BYTES) {
      throw dataError(`the pickle has ${size} bytes`, { where: path, expected: `at most ${MAX_BYTES}` });
    }
    return parsePickle(await handle.readFile(), path);
  } finally {
    await handle.close();
  }
}

/** As `readPickle`, from memory; `path` is for messages. */
export function parsePickle(bytes: Buffer, path: string): PickleValue {
  return new Machine(bytes, path).run();
}

class Machine {
  readonly #bytes: Buffer;
  readonly #path: string;
  #at = 0;
  #stack: Item[] = [];
  /** The stacks below each open mark. */
  readonly #marks: Item[][] = [];
  readonly #memo = new Map<number, Item>();

  constructor(bytes: Buffer, path: string) {
    this.#bytes = bytes;
    this.#path = path;
  }

  run(): PickleValue {
    while (true) {
      const start = this.#at;
      const code = this.#bytes[this.#take(1)];
      if (code === STOP) return this.#plain(this.#pop());
      this.#step(code, start);
    }
  }

  #step(code: number, start: number): void {
    const stack = this.#stack;
    switch (String.fromCharCode(code)) {
      case '\x80': {
        const protocol = this.#uint8();
        if (protocol > 5) throw this.#refuse(`the pickle is of protocol ${protocol}`, 'protocols 0 to 5');
        return;
      }
      case '\x95': // FRAME: only tells a reader of streams how much to fetch
        this.#checkLength(this.#uint64());
        return;
      case 'N':
        stack.push(null);
        return;
      case '\x88':
        stack.push(true);
        return;
      case '\x89':
        stack.push(false);
        return;
      case 'K':
        stack.push(this.#uint8());
        return;
      case 'M':
        stack.push(this.#bytes.readUInt16LE(this.#take(2)));
        return;
      case 'J':
        stack.push(this.#bytes.readInt32LE(this.#take(4)));
        return;
      case '\x8a':
        stack.push(this.#long(this.#uint8()));
        return;
      case '\x8b':
        stack.push(this.#long(this.#bytes.readInt32LE(this.#take(4))));
        return;
      case 'G':
        stack.push(this.#bytes.readDoubleBE(this.#take(8)));
        return;
      case 'I':
      case 'L':
        stack.push(this.#textInteger());
        return;
      case 'F':
        stack.push(this.#textFloat());
        return;
      case '\x8c':
        stack.push(this.#utf8(this.#uint8()));
        return;
      case 'X':
        stack.push(this.#utf8(this.#bytes.readUInt32LE(this.#take(4))));
        return;
      case '\x8d':
        stack.push(this.#utf8(this.#uint64()));
        return;
      case 'V':
        stack.push(unescapeUnicode(this.#line()));
        return;
      case 'S':
        stack.push(textOrBytes(this.#quoted()));
        return;
      case 'U':
        stack.push(textOrBytes(this.#raw(this.#uint8())));
        return;
      case 'T':
        stack.push(textOrBytes(this.#raw(this.#bytes.readInt32LE(this.#take(4)))));
        return;
      case 'C':
        stack.push(this.#raw(this.#uint8()));
        return;
      case 'B':
        stack.push(this.#raw(this.#bytes.readUInt32LE(this.#take(4))));
        return;
      case '\x8e':
      case '\x96':
        stack.push(this.#raw(this.#uint64()));
        return;
      case '}':
        stack.push(new Map());
        return;
      case ']':
      case ')':
        stack.push([]);
        return;
      case '(':
        this.#marks.push(stack);
        this.#stack = [];
        return;
      case 'd': {
        const dictionary = new Map<PickleKey, PickleValue>();
        this.#fill(dictionary, this.#popMark());
        this.#stack.push(dictionary);
        return;
      }
      case 's': {
        const value = this.#pop();
        const key = this.#pop();
        this.#fill(this.#topDictionary(), [key, value]);
        return;
      }
      case 'u': {
        const items = this.#popMark();
        this.#fill(this.#topDictionary(), items);
        return;
      }
      case 'l':
      case 't': {
        const items = this.#popMark();
        this.#stack.push(items as PickleValue[]);
        return;
      }
      case 'a': {
        const value = this.#pop();
        this.#topList().push(value as PickleValue);
        return;
      }
      case 'e': {
        const items = this.#popMark();
        const list = this.#topList();
        for (const item of items) list.push(item as PickleValue);
        return;
      }
      case '\x85':
      case '\x86':
      case '\x87': {
        const length = code - 0x84;
        if (stack.length < length) throw this.#damaged();
        stack.push(stack.splice(stack.length - length) as PickleValue[]);
        return;
      }
      case '0':
        this.#pop();
        return;
      case '1':
        this.#popMark();
        return;
      case '2':
        stack.push(this.#top());
        return;
      case 'p':
        this.#memo.set(this.#lineNumber(), this.#top());
        return;
      case 'q':
        this.#memo.set(this.#uint8(), this.#top());
        return;
      case 'r':
        this.#memo.set(this.#bytes.readUInt32LE(this.#take(4)), this.#top());
        return;
      case '\x94':
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 'g':
        stack.push(this.#remembered(this.#lineNumber()));
        return;
      case 'h':
        stack.push(this.#remembered(this.#uint8()));
        return;
      case 'j':
        stack.push(this.#remembered(this.#bytes.readUInt32LE(this.#take(4))));
        return;
      case 'c': {
        const module = this.#line();
        stack.push(this.#global(module, this.#line()));
        return;
      }
      case '\x93': {
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== 'string' || typeof module !== 'string') throw this.#damaged();
        stack.push(this.#global(module, name));
        return;
      }
      case 'R': {
        const given = this.#pop();
        const callee = this.#pop();
        stack.push(this.#numpy(call(callee, given)));
        return;
      }
      case 'b': {
        const state = this.#pop();
        const object = this.#pop();
        const built = this.#numpy(build(object, state));
        // It may have been remembered before it was built: who asks later gets what it became.
        if (isNumpyObject(object)) object.became = built;
        stack.push(built);
        return;
      }
      default: {
        const what = REFUSED[String.fromCharCode(code)];
        if (what !== undefined) throw this.#refuse(`the pickle holds ${what}`);
        this.#at = start;
        throw this.#damaged();
      }
    }
  }

  #global(module: string, name: string): Item {
    const known = globalOf(module, name);
    if (known === undefined)
      throw this.#refuse(`the pickle asks for ${module}.${name}, which is not plain data`);
    return known;
  }

  /** What `pickle-numpy.ts` made; undefined is what it does not know. */
  #numpy(made: Item | undefined): Item {
    if (made === undefined) throw this.#refuse('the pickle holds an object that is not plain data');
    return made;
  }

  #fill(dictionary: Map<PickleKey, PickleValue>, items: readonly Item[]): void {
    if (items.length % 2 !== 0) throw this.#damaged();
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key === 'object' && key !== null) {
        throw this.#refuse('a dictionary of the pickle has a key that is neither text nor number');
      }
      dictionary.set(key as PickleKey, items[i + 1] as PickleValue);
    }
  }

  #plain(item: Item): PickleValue {
    if (isNumpyObject(item)) throw this.#refuse('the pickle holds an object that is not plain data');
    return item;
  }

  #pop(): Item {
    if (this.#stack.length === 0) throw this.#damaged();
    return this.#stack.pop() as Item;
  }

  #top(): Item {
    if (this.#stack.length === 0) throw this.#damaged();
    return this.#stack.at(-1) as Item;
  }

  #popMark(): Item[] {
    const items = this.#stack;
    const below = this.#marks.pop();
    if (below === undefined) throw this.#damaged();
    this.#stack = below;
    return items;
  }

  #topDictionary(): Map<PickleKey, PickleValue> {
    const top = this.#top();
    if (!(top instanceof Map)) throw this.#damaged();
    return top;
  }

  #topList(): PickleValue[] {
    const top = this.#top();
    if (!Array.isArray(top)) throw this.#damaged();
    return top;
  }

  #remembered(index: number): Item {
    const item = this.#memo.get(index);
    if (item === undefined) throw this.#damaged();
    return isNumpyObject(item) ? (item.became ?? item) : item;
  }

  /** Moves on by `length` bytes and gives where they start. */
  #take(length: number): number {
    this.#checkLength(length);
    const start = this.#at;
    this.#at += length;
    return start;
  }

  #checkLength(length: number): void {
    if (!(length >= 0 && length <= this.#bytes.length - this.#at)) {
      throw this.#refuse('the pickle is truncated or damaged');
    }
  }

  #uint8(): number {
    return this.#bytes[this.#take(1)];
  }

  #uint64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#take(8)));
  }

  #raw(length: number): Buffer {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #utf8(length: number): string {
    const raw = this.#raw(length);
    const text = raw.toString('utf8');
    if (text.includes('\ufffd') && !isUtf8(raw)) throw this.#damaged();
    return text;
  }

  /** Little-endian two's complement of any length. */
  #long(length: number): number {
    const raw = this.#raw(length);
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

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end === -1) throw this.#refuse('the pickle is truncated or damaged');
    const text = this.#bytes.toString('latin1', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #lineNumber(): number {
    const line = this.#line();
    if (!/^\d{1,9}$/.test(line)) throw this.#damaged();
    return Number(line);
  }

  #textInteger(): number | boolean {
    const line = this.#line();
    if (line === '00') return false;
    if (line === '01') return true;
    if (!/^-?\d{1,20}L?$/.test(line)) throw /^-?\d+L?$/.test(line) ? this.#tooLarge() : this.#damaged();
    return this.#safe(BigInt(line.replace('L', '')));
  }

  #textFloat(): number {
    const line = this.#line();
    const special: Record<string, number> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
    if (line in special) return special[line];
    const value = Number(line);
    if (line.trim() === '' || Number.isNaN(value)) throw this.#damaged();
    return value;
  }

  /** A text of Python 2 as its repr shows it. */
  #quoted(): Buffer {
    const line = this.#line().trimEnd();
    const [, quote, body] = /^(['"])(.*)\1$/s.exec(line) ?? [];
    if (quote === undefined) throw this.#damaged();
    const text = body.replace(/\\(x[0-9a-f]{2}|.)/gs, (_, code: string) =>
      code.length > 1
        ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
        : ({ n: '\n', r: '\r', t: '\t' }[code] ?? code),
    );
    return Buffer.from(text, 'latin1');
  }

  #tooLarge(): Error {
    return this.#refuse('the pickle holds a whole number beyond 2^53');
  }

  #damaged(): Error {
    return this.#refuse('not a pickle, or a damaged one');
  }

  #refuse(message: string, expected = EXPECTED): Error {
    return dataError(message, {
      where: `${this.#path}, byte ${this.#at}`,
      expected,
      hint: "write the data as JSON, if you trust the file: python -c \"import json, pickle; json.dump(pickle.load(open('in.pkl', 'rb')), open('out.json', 'w'), default=float)\"",
    });
  }
}

const STOP = 0x2e; // '.'

/** Instructions that are known and not carried out: opcode → what it would make. */
const REFUSED: Readonly<Record<string, string>> = {
  i: 'an instance of a class',
  o: 'an instance of a class',
  '\x81': 'an instance of a class',
  '\x92': 'an instance of a class',
  P: 'a reference to something outside of it',
  Q: 'a reference to something outside of it',
  '\x82': 'a reference to a registry of extensions',
  '\x83': 'a reference to a registry of extensions',
  '\x84': 'a reference to a registry of extensions',
  '\x8f': 'a set',
  '\x90': 'a set',
  '\x91': 'a set',
  '\x97': 'a buffer kept outside of it',
  '\x98': 'a buffer kept outside of it',
};

/** Texts of Python 2 may be either; those of numbers and genes are ASCII. */
function textOrBytes(raw: Buffer): string | Buffer {
  return raw.every((byte) => byte < 0x80) ? raw.toString('latin1') : raw;
}

const unescapeUnicode = (line: string) =>
  line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, four?: string, eight?: string) =>
    four !== undefined
      ? String.fromCharCode(Number.parseInt(four, 16))
      : String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(eight!, 16))),
  );
