/**
 * Python pickles of plain data, protocols 0 to 5: dictionaries, lists, tuples, texts, bytes, numbers, booleans and None,
 * and numbers and arrays of NumPy (`pickle-numpy.ts`). A pickle is a program for a small stack machine. The machine here
 * knows only the instructions that make such data: it can import nothing and call nothing. Instructions that would are
 * refused by name, as are instances of classes, sets and references to other files.
 *
 * Instructions: Lib/pickletools.py of CPython.
 */
import { open } from 'node:fs/promises';
import { dataError } from '../../errors.ts';
import { PickleBytes } from './pickle-bytes.ts';
import { build, call, globalOf, isNumpyObject } from './pickle-numpy.ts';
import { type Item, PickleArray, type PickleKey, type PickleValue } from './pickle-values.ts';

export { PickleArray };

/**
 * Largest pickle that is read, in bytes: dictionaries of models have some megabytes, matrices of gene vectors some
 * hundred.
 */
const MAX_BYTES = 2 ** 30;

/** Reads a pickle. Throws a data error for anything that is not plain data, and for damaged, truncated or too large files. */
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

/** Reads a pickle from memory; `path` is for messages. */
export function parsePickle(bytes: Buffer, path: string): PickleValue {
  return new Machine(bytes, path).run();
}

class Machine {
  readonly #bytes: PickleBytes;
  #stack: Item[] = [];
  /** Stacks below each open mark. */
  readonly #marks: Item[][] = [];
  readonly #memo = new Map<number, Item>();

  constructor(bytes: Buffer, path: string) {
    this.#bytes = new PickleBytes(bytes, path);
  }

  run(): PickleValue {
    const bytes = this.#bytes;
    while (true) {
      const start = bytes.at;
      const code = bytes.uint8();
      if (code === STOP) return this.#plain(this.#pop());
      this.#step(code, start);
    }
  }

  #step(code: number, start: number): void {
    const stack = this.#stack;
    const bytes = this.#bytes;
    switch (String.fromCharCode(code)) {
      case '\x80': {
        const protocol = bytes.uint8();
        if (protocol > 5) throw bytes.refuse(`the pickle is of protocol ${protocol}`, 'protocols 0 to 5');
        return;
      }
      case '\x95': // FRAME: a hint for readers of streams, how much to fetch
        bytes.checkLength(bytes.uint64());
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
        stack.push(bytes.uint8());
        return;
      case 'M':
        stack.push(bytes.uint16());
        return;
      case 'J':
        stack.push(bytes.int32());
        return;
      case '\x8a':
        stack.push(bytes.long(bytes.uint8()));
        return;
      case '\x8b':
        stack.push(bytes.long(bytes.int32()));
        return;
      case 'G':
        stack.push(bytes.float64());
        return;
      case 'I':
      case 'L':
        stack.push(bytes.textInteger());
        return;
      case 'F':
        stack.push(bytes.textFloat());
        return;
      case '\x8c':
        stack.push(bytes.utf8(bytes.uint8()));
        return;
      case 'X':
        stack.push(bytes.utf8(bytes.uint32()));
        return;
      case '\x8d':
        stack.push(bytes.utf8(bytes.uint64()));
        return;
      case 'V':
        stack.push(bytes.escapedLine());
        return;
      case 'S':
        stack.push(bytes.quoted());
        return;
      case 'U':
        stack.push(bytes.oldText(bytes.uint8()));
        return;
      case 'T':
        stack.push(bytes.oldText(bytes.int32()));
        return;
      case 'C':
        stack.push(bytes.raw(bytes.uint8()));
        return;
      case 'B':
        stack.push(bytes.raw(bytes.uint32()));
        return;
      case '\x8e':
      case '\x96':
        stack.push(bytes.raw(bytes.uint64()));
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
        if (stack.length < length) throw bytes.damaged();
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
        this.#memo.set(bytes.lineNumber(), this.#top());
        return;
      case 'q':
        this.#memo.set(bytes.uint8(), this.#top());
        return;
      case 'r':
        this.#memo.set(bytes.uint32(), this.#top());
        return;
      case '\x94':
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 'g':
        stack.push(this.#remembered(bytes.lineNumber()));
        return;
      case 'h':
        stack.push(this.#remembered(bytes.uint8()));
        return;
      case 'j':
        stack.push(this.#remembered(bytes.uint32()));
        return;
      case 'c': {
        const module = bytes.line();
        stack.push(this.#global(module, bytes.line()));
        return;
      }
      case '\x93': {
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== 'string' || typeof module !== 'string') throw bytes.damaged();
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
        // The memo may hold the object from before it was built, so later lookups get the built one from it.
        if (isNumpyObject(object)) object.became = built;
        stack.push(built);
        return;
      }
      default: {
        const what = REFUSED[String.fromCharCode(code)];
        if (what !== undefined) throw bytes.refuse(`the pickle holds ${what}`);
        bytes.at = start;
        throw bytes.damaged();
      }
    }
  }

  #global(module: string, name: string): Item {
    const known = globalOf(module, name);
    if (known === undefined)
      throw this.#bytes.refuse(`the pickle asks for ${module}.${name}, which is not plain data`);
    return known;
  }

  /** Returns an object that `pickle-numpy.ts` made; throws for undefined, its answer to unknown objects. */
  #numpy(made: Item | undefined): Item {
    if (made === undefined) throw this.#bytes.refuse('the pickle holds an object that is not plain data');
    return made;
  }

  #fill(dictionary: Map<PickleKey, PickleValue>, items: readonly Item[]): void {
    if (items.length % 2 !== 0) throw this.#bytes.damaged();
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key === 'object' && key !== null) {
        throw this.#bytes.refuse('a dictionary of the pickle has a key that is neither text nor number');
      }
      dictionary.set(key as PickleKey, items[i + 1] as PickleValue);
    }
  }

  #plain(item: Item): PickleValue {
    if (isNumpyObject(item)) throw this.#bytes.refuse('the pickle holds an object that is not plain data');
    return item;
  }

  #pop(): Item {
    if (this.#stack.length === 0) throw this.#bytes.damaged();
    return this.#stack.pop() as Item;
  }

  #top(): Item {
    if (this.#stack.length === 0) throw this.#bytes.damaged();
    return this.#stack.at(-1) as Item;
  }

  #popMark(): Item[] {
    const items = this.#stack;
    const below = this.#marks.pop();
    if (below === undefined) throw this.#bytes.damaged();
    this.#stack = below;
    return items;
  }

  #topDictionary(): Map<PickleKey, PickleValue> {
    const top = this.#top();
    if (!(top instanceof Map)) throw this.#bytes.damaged();
    return top;
  }

  #topList(): PickleValue[] {
    const top = this.#top();
    if (!Array.isArray(top)) throw this.#bytes.damaged();
    return top;
  }

  #remembered(index: number): Item {
    const item = this.#memo.get(index);
    if (item === undefined) throw this.#bytes.damaged();
    return isNumpyObject(item) ? (item.became ?? item) : item;
  }
}

const STOP = 0x2e; // '.'

/** Instructions that are recognised but refused: opcode → description of the object they would make. */
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
