/** Where in a config file the value of a path stands. */
import type { Path } from './path.ts';

/** Offsets in UTF-16 code units, `end` exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What of a path could be found in the text. */
export interface Located {
  /** How many steps of the path were found; the ranges belong to the last of them. */
  readonly depth: number;
  readonly key?: Range;
  readonly value?: Range;
  /** True if the value is written as an object or a list, which may span many lines. */
  readonly container?: boolean;
}

export type Locator = (path: Path) => Located;

/** Reads the text of a config file just well enough to find places in it; never throws. */
export async function createLocator(file: string, text: string): Promise<Locator> {
  try {
    if (/\.ya?ml$/.test(file)) return (await import('./locate-yaml.ts')).locateInYaml(text);
    const { locateInJson, locateInScript } = await import('./locate-script.ts');
    if (file.endsWith('.json')) return locateInJson(text);
    return locateInScript(text, file.endsWith('.ts'));
  } catch {
    return () => ({ depth: 0 });
  }
}

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}
