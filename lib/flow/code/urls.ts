/**
 * What names in a bundle mean that stand for files next to a module: `const TABLE = new URL('./table.json', import.meta.url)`,
 * also as a path, and what is made of them: `new URL('../other.json', TABLE)`, `join(FOLDER, '..', 'other.json')`.
 */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Any, isUrl, literal, nameOf } from './syntax.ts';

export class Urls {
  /** A name → all URLs that it may stand for: one name may be declared in several functions. */
  readonly #named = new Map<string, Set<string>>();

  get names(): Iterable<string> {
    return this.#named.keys();
  }

  /** Takes note of a declaration in a module. */
  declare(name: string, init: Any, path: string): void {
    for (const url of this.of(init, path)) {
      this.#named.set(name, (this.#named.get(name) ?? new Set()).add(url));
    }
  }

  /** The URLs that an expression in a module may stand for, or whose path it is; none for anything else. */
  of(node: Any, path: string): readonly string[] {
    switch (node?.type) {
      case 'Identifier':
        return [...(this.#named.get(node.name) ?? [])];
      case 'MemberExpression':
        return /^(href|pathname)$/.test(nameOf(node.property)) ? this.of(node.object, path) : [];
      case 'CallExpression':
        return /^(fileURLToPath|String)\d*$/.test(nameOf(node.callee))
          ? this.of(node.arguments[0], path)
          : [];
      case 'NewExpression': {
        const url = literal(node.arguments[0]);
        if (url === undefined || nameOf(node.callee) !== 'URL') return [];
        const bases = isUrl(node) ? [pathToFileURL(path).href] : this.of(node.arguments[1], path);
        return bases.flatMap((base) => (URL.canParse(url, base) ? [new URL(url, base).href] : []));
      }
      default:
        return [];
    }
  }
}

/** The URL of a path that begins at a file or folder. */
export function below(url: string, parts: readonly string[]): string {
  return pathToFileURL(join(fileURLToPath(url), ...parts)).href;
}
