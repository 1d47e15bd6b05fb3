/** Locations of config values in the text of a config file. */
import type { Locator } from './location.ts';

/** Creates a locator, which reads the text of a config file just well enough to find places in it; never throws. */
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
  /** Line number, from 1. */
  readonly line: number;
  /** Column, from 1, in UTF-16 code units. */
  readonly column: number;
}

export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}
