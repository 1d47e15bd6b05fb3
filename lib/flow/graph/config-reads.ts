/**
 * Records which values of a config a function reads. With these values alone the function gives the same result elsewhere,
 * where the config itself must not be known.
 */

/**
 * Calls `evaluate` with a view of the config, and records every value that is read through it.
 *
 * @returns the function's result, and an excerpt of the config: plain data with the values that were read, and nothing else.
 * A function that fails with a view (because it clones the config, for example) gets the config itself, and the excerpt is
 * the whole config.
 */
export function recordReads<C, T>(config: C, evaluate: (seen: C) => T): { value: T; excerpt: unknown } {
  const views = new Views();
  try {
    const value = evaluate(views.of(config) as C);
    return { value, excerpt: views.excerptOf(config) };
  } catch {
    return { value: evaluate(config), excerpt: config };
  }
}

interface View {
  readonly proxy: object;
  /** Existing keys that were read or tested for. */
  readonly keys: Set<string>;
}

class Views {
  readonly #views = new Map<object, View>();

  /** Returns a view of a list or a plain object, and any other value unchanged. */
  of(value: unknown): unknown {
    if (!isContainer(value)) return value;
    const known = this.#views.get(value) ?? this.#make(value);
    this.#views.set(value, known);
    return known.proxy;
  }

  excerptOf(value: unknown): unknown {
    if (!isContainer(value)) return value;
    const keys = this.#views.get(value)?.keys ?? [];
    const excerpt: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    for (const key of keys) {
      // defineProperty also handles a key named __proto__.
      Object.defineProperty(excerpt, key, {
        value: this.excerptOf(Reflect.get(value, key)),
        writable: true,
        enumerable: key !== 'length',
        configurable: key !== 'length',
      });
    }
    return excerpt;
  }

  #make(source: object): View {
    const keys = new Set<string>();
    const note = (key: string | symbol) => {
      if (typeof key === 'string' && Object.hasOwn(source, key)) keys.add(key);
    };
    const refuse = () => false;
    // The proxy target is a new empty object: a proxy of a frozen config may not return views instead of its values.
    const proxy = new Proxy(Array.isArray(source) ? [] : {}, {
      get: (_, key) => {
        note(key);
        return this.of(Reflect.get(source, key));
      },
      has: (_, key) => {
        note(key);
        return Reflect.has(source, key);
      },
      ownKeys: () => {
        const all = Reflect.ownKeys(source);
        for (const key of all) note(key);
        return all;
      },
      getOwnPropertyDescriptor: (_, key) => {
        note(key);
        const found = Reflect.getOwnPropertyDescriptor(source, key);
        if (found === undefined) return undefined;
        const isLength = Array.isArray(source) && key === 'length';
        return { ...found, value: this.of(found.value), writable: true, configurable: !isLength };
      },
      getPrototypeOf: () => Reflect.getPrototypeOf(source),
      set: refuse,
      defineProperty: refuse,
      deleteProperty: refuse,
    });
    return { proxy, keys };
  }
}

function isContainer(value: unknown): value is object {
  if (Array.isArray(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
