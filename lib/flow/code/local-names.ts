/**
 * Meanings of the names of one module: what values they are given there. A name may be declared after its use, and the
 * same name may mean something else in another function, so all of a module is noted before any use is judged.
 */
import type { Names } from './names.ts';
import { type Any, isMetaUrl, isUrlOrHref, nameOf, type Path } from './syntax.ts';

export class LocalNames {
  readonly #names: Names;
  /** Names of `code` of a context. */
  readonly #code = new Set<string>();
  /** Names of URLs that are followed where they are made. */
  readonly #urls = new Set<string>();
  /** Names of the URL, the path or the folder of this module. */
  readonly #own = new Set<string>();
  /** Names that mean something else. */
  readonly #otherwise = new Set<string>();

  /** @param names the names at the top of the bundle */
  constructor(names: Names) {
    this.#names = names;
  }

  /** Notes the names that a node declares or gives a value. */
  note(node: Any, path: Path): void {
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') {
      // A declaration without a value gets it later, by an assignment.
      if (node.init !== null) this.#meaning(node.init).add(node.id.name);
    }
    if (node.type === 'AssignmentExpression') this.#meaning(node.right).add(nameOf(node.left));
    if (/Function/.test(node.type)) {
      for (const parameter of node.params) this.#otherwise.add(nameOf(parameter.left ?? parameter));
    }
    if (node.type !== 'ObjectPattern') return;
    const isParameter = /Function/.test(path[0]?.type) && path[0].params.includes(node);
    for (const property of node.properties) {
      if (property.type !== 'Property' || property.value.type !== 'Identifier') continue;
      const isCode = isParameter && !property.computed && property.key.name === 'code';
      (isCode ? this.#code : this.#otherwise).add(property.value.name);
    }
  }

  /** Whether a node is a name of a URL that was followed where it was made. */
  isUrl(node: Any): boolean {
    return node?.type === 'Identifier' && this.#urls.has(node.name) && !this.#otherwise.has(node.name);
  }

  /** Whether a name means something else anywhere in the module. */
  isElse(name: string): boolean {
    return this.#otherwise.has(name);
  }

  /** Whether a name is that of `code` of a context. */
  isCode(name: string): boolean {
    return this.#code.has(name) && !this.#otherwise.has(name);
  }

  /**
   * Meaning of a name that stands for a module's own URL, path or folder at the top of the bundle: 'own' where it does so
   * here, 'other' where it only looks the same, 'unclear' where it has both meanings in this module.
   */
  meaningOf(name: string): 'own' | 'other' | 'unclear' {
    if (!this.#otherwise.has(name)) return 'own';
    return this.#own.has(name) ? 'unclear' : 'other';
  }

  #meaning(value: Any): Set<string> {
    if (isMetaUrl(value) || this.#names.isOwnPath(value) || this.#names.isOwnFolder(value)) return this.#own;
    return isUrlOrHref(value) ? this.#urls : this.#otherwise;
  }
}
