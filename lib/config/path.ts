/** Paths into the config, in the notation of the command line and of messages. */

export type Path = readonly (string | number)[];

const PLAIN_KEY = /^[^\s.[\]"'=]+$/;

/** Text of a path: `embeddings.umap.dims`, `joint[0][1]`, `measures["a.b"].of`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (!PLAIN_KEY.test(key)) text += `[${JSON.stringify(key)}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text;
}

/**
 * Parses the notation of `formatPath`, and `joint.0.1` as well. Keys in brackets may stand in single or double quotes.
 * Returns undefined if the text is not a path.
 */
export function parsePath(text: string): (string | number)[] | undefined {
  const path: (string | number)[] = [];
  let rest = text;
  while (rest !== '') {
    const match =
      /^\[(\d+)\]/.exec(rest) ??
      /^\[("(?:[^"\\]|\\.)*")\]/.exec(rest) ??
      /^\[('[^']*')\]/.exec(rest) ??
      (path.length === 0 ? /^([^.[\]]+)/.exec(rest) : /^\.([^.[\]]+)/.exec(rest));
    if (match === null) return undefined;
    const key = match[1];
    if (key.startsWith('"')) {
      const name = textOf(key);
      if (name === undefined) return undefined;
      path.push(name);
    } else if (key.startsWith("'")) path.push(key.slice(1, -1));
    else path.push(/^(0|[1-9]\d*)$/.test(key) ? Number(key) : key);
    rest = rest.slice(match[0].length);
  }
  return path.length === 0 ? undefined : path;
}

/** A text in double quotes; undefined for an escape that JSON does not know. */
function textOf(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted);
  } catch {
    return undefined;
  }
}

/** True if `path` lies at or below `ancestor`. */
export function startsWith(path: Path, ancestor: Path): boolean {
  return ancestor.length <= path.length && ancestor.every((key, i) => String(key) === String(path[i]));
}

/** The value at a path in plain data, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}
