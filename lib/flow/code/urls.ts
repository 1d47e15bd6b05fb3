/**
 * Names in a bundle that are bound to files next to a module, `const TABLE = new URL('./table.json', import.meta.url)`, also
 * as a path, and URLs derived from them: `new URL('../other.json', TABLE)`, `join(FOLDER, '..', 'other.json')`.
 */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Any, isUrl, literal, nameOf } from './syntax.ts';

export class Urls {
  /** Name → all URLs it may be bound to: several functions may declare the same name. */
  readonly #named = new Map<string, Set<string>>();

  get names(): Iterable<string> {
    return this.#named.keys();
  }

  /** Records a declaration in the module at `path`. */
  declare(name: string, init: Any, path: string): void {
    for (const url of this.of(init, path)) {
      this.#named.set(name, (this.#named.get(name) ?? new Set()).add(url));
    }
  }

  /** URLs that an expression in a module may evaluate to, as a URL or as its path; empty for any other expression. */
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

/** URL of the path made by joining parts to the path of a file URL. */
export function below(url: string, parts: readonly string[]): string {
  return pathToFileURL(join(fileURLToPath(url), ...parts)).href;
}
