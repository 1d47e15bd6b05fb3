/** Place of a syntax error. Node and V8 report it in prose, each in its own format. */
import { pathToFileURL } from 'node:url';
import { type Position, positionOf } from './locate.ts';

export interface SyntaxProblem extends Position {
  readonly message: string;
}

/** Place of a syntax error in `text`, or undefined if it is not in this file. */
export async function syntaxProblem(
  error: Error,
  path: string,
  text: string,
): Promise<SyntaxProblem | undefined> {
  if (path.endsWith('.json')) return inJson(error.message, text);
  if (path.endsWith('.ts')) {
    const found = inTypeScript(error, path);
    if (found !== undefined) return found;
  }
  return inScript(path, text);
}

function inJson(message: string, text: string): SyntaxProblem {
  const offset = /at position (\d+)/.exec(message)?.[1];
  const position = positionOf(text, Math.min(text.trimEnd().length, Number(offset ?? text.length)));
  return { ...position, message: message.replace(/ in JSON at position.*$/s, '') };
}

/** Place from the stack, which begins with `file:line`, the lines around the error, and carets under it. */
function inTypeScript(error: Error, path: string): SyntaxProblem | undefined {
  const lines = (error.stack ?? '').split('\n');
  const place = lines[0].startsWith('file:') ? `${pathToFileURL(path).href}:` : `${path}:`;
  const line = lines[0].startsWith(place) ? Number(lines[0].slice(place.length)) : Number.NaN;
  const carets = lines.find((l) => /^\s*\^+\s*$/.test(l));
  if (!Number.isInteger(line) || carets === undefined) return undefined;
  return { line, column: carets.indexOf('^') + 1, message: error.message };
}

async function inScript(path: string, text: string): Promise<SyntaxProblem | undefined> {
  const { stripTypeScriptTypes } = await import('node:module');
  const { withoutWarning } = await import('./locate-script.ts');
  const { parse } = await import('acorn');
  try {
    const script = path.endsWith('.ts') ? withoutWarning(() => stripTypeScriptTypes(text)) : text;
    parse(script, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
    return undefined;
  } catch (error) {
    const { loc, message } = error as Error & { loc?: { line: number; column: number } };
    if (loc === undefined) return undefined;
    return { line: loc.line, column: loc.column + 1, message: message.replace(/ \(\d+:\d+\)$/, '') };
  }
}
