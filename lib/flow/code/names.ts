/** Meaning of top-level names of a bundle, as far as it matters for following code. */
import { type Any, isCreateRequire, isMetaUrl, literal, nameOf, type Path } from './syntax.ts';
import { Urls } from './urls.ts';

/** Placeholders in the bundle for Node's globals: esbuild inserts them only where no variable of that name is in scope. */
export interface Marks {
  readonly process: string;
  readonly dirname: string;
  readonly filename: string;
}

export const TEXT = 'code that is made from a text';
export const WRITE_OUT = 'write the code out';
const HARMLESS: ReadonlySet<string> = new Set(['builtinModules', 'isBuiltin', 'stripTypeScriptTypes']);
export const HARMFUL: ReadonlySet<string> = new Set([
  '_linkedBinding',
  'binding',
  'cwd',
  'default',
  'dlopen',
  'getBuiltinModule',
  'loadEnvFile',
  'mainModule',
]);

const FS = /^(?:node:)?fs(?:\/promises)?$/;
const READER =
  /^(?:readFile|createReadStream|open|openAsBlob|readdir|opendir|l?stat|exists|access|realpath|readlink|glob|cp|copyFile)(?:Sync)?$/;

/** Top-level names of a bundle, grouped by meaning. */
export class Names {
  readonly process: Set<string>;
  readonly env = new Set<string>();
  readonly createRequire = new Set<string>();
  /** Names of `require` functions made by `createRequire` → path of the module they were made for. */
  readonly requires = new Map<string, Set<string>>();
  /** Names of functions that run a string as code. */
  readonly runners = new Set(['eval', 'Function']);
  /** Names of `join` and `resolve` of node:path. */
  readonly joins = new Set<string>();
  /** Names of the node:fs namespace, and of its reading functions. */
  readonly fs = new Set<string>();
  readonly readers = new Set<string>();
  readonly urls = new Urls();
  /** Names bound to the URL of the declaring module. */
  readonly ownUrls = new Set<string>();
  /** Names bound to the path of the declaring module, and names bound to its folder → those modules. */
  readonly ownPaths = new Set<string>();
  readonly ownFolders = new Map<string, Set<string>>();
  readonly imports: {
    readonly node: Any;
    readonly path: string;
    readonly message: string;
    readonly hint: string;
  }[] = [];
  /** Local names of `dirname` of node:path and of `fileURLToPath` of node:url. */
  readonly #dirnames = new Set<string>();
  readonly #toPaths = new Set<string>();
  readonly #marks: readonly string[];

  constructor(marks: Marks) {
    this.process = new Set([marks.process]);
    this.#marks = Object.values(marks);
  }

  /** Whether a text contains one of the names. */
  areIn(raw: string): boolean {
    const names = [
      this.process,
      this.env,
      this.createRequire,
      this.requires.keys(),
      this.runners,
      this.urls.names,
      this.ownUrls,
      this.ownPaths,
      this.ownFolders.keys(),
    ].flatMap((all) => [...all]);
    return [...this.#marks, ...names].some(
      (name) => name !== 'Function' && name !== 'eval' && raw.includes(name),
    );
  }

  declare(node: Any, _above: Path, path: string): void {
    // For a module that runs lazily, esbuild declares a name first and assigns its value later.
    const [own, value] =
      node.type === 'AssignmentExpression' ? [node.left, node.right] : [node.id, node.init];
    if (own?.type === 'Identifier') {
      this.#own(own.name, value, path);
      if (isCreateRequire(value, this.createRequire))
        this.requires.set(own.name, (this.requires.get(own.name) ?? new Set()).add(path));
    }
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') {
      this.urls.declare(node.id.name, node.init, path);
      const required =
        nameOf(node.init?.callee) === '__require' ? literal(node.init.arguments[0]) : undefined;
      if (FS.test(required ?? '')) this.fs.add(node.id.name);
    }
    if (node.type === 'ImportDeclaration') this.#import(node, path);
  }

  /** Modules for which a name of `require` in the module at `path` may have been made: that module, if it declares the name. */
  modulesOfRequire(name: string, path: string): (string | undefined)[] {
    const all = this.requires.get(name) ?? new Set();
    return all.size === 0 ? [undefined] : all.has(path) ? [path] : [...all];
  }

  #own(name: string, value: Any, path: string): void {
    if (isMetaUrl(value)) this.ownUrls.add(name);
    else if (this.isOwnPath(value)) this.ownPaths.add(name);
    else if (this.isOwnFolder(value))
      this.ownFolders.set(name, (this.ownFolders.get(name) ?? new Set()).add(path));
  }

  /** Whether an expression is the module's own path: `fileURLToPath(import.meta.url)`. */
  isOwnPath(node: Any): boolean {
    return (
      node?.type === 'CallExpression' &&
      isCalled(node.callee, /^fileURLToPath\d*$/, this.#toPaths) &&
      isMetaUrl(node.arguments[0])
    );
  }

  /** Whether an expression is the module's own folder: `dirname(fileURLToPath(import.meta.url))`, also via a constant. */
  isOwnFolder(node: Any): boolean {
    if (node?.type !== 'CallExpression' || !isCalled(node.callee, /^dirname\d*$/, this.#dirnames))
      return false;
    const [file] = node.arguments;
    return this.isOwnPath(file) || (file?.type === 'Identifier' && this.ownPaths.has(file.name));
  }

  #import(node: Any, path: string): void {
    const source = String(node.source.value).replace(/^node:/, '');
    if (FS.test(source)) this.#importFs(node);
    if (!/^(module|process|vm|path|path\/posix|url)$/.test(source)) return;
    const refuse = (message: string, hint: string) => this.imports.push({ node, path, message, hint });
    for (const { type, imported, local } of node.specifiers) {
      const name = type === 'ImportSpecifier' ? (imported.name ?? imported.value) : 'default';
      if (source.startsWith('path')) {
        if (name === 'join' || name === 'resolve') this.joins.add(local.name);
        else if (name === 'dirname') this.#dirnames.add(local.name);
      } else if (source === 'url') {
        if (name === 'fileURLToPath') this.#toPaths.add(local.name);
      } else if (source === 'process') {
        if (name === 'env') this.env.add(local.name);
        else if (name === 'default') this.process.add(local.name);
        else if (HARMFUL.has(name)) refuse(`process.${name} cannot be followed`, 'import what is needed');
      } else if (source === 'vm') {
        if (name === 'runInNewContext' || name === 'runInThisContext') this.runners.add(local.name);
        else refuse(TEXT, WRITE_OUT);
      } else if (name === 'createRequire') this.createRequire.add(local.name);
      else if (!HARMLESS.has(name)) {
        refuse(
          `"${name}" of node:module can change what imports mean`,
          'of node:module, import createRequire alone',
        );
      }
    }
  }
  #importFs(node: Any): void {
    for (const { type, imported, local } of node.specifiers) {
      const name = type === 'ImportSpecifier' ? (imported.name ?? imported.value) : 'default';
      if (name === 'default' || name === 'promises') this.fs.add(local.name);
      else if (READER.test(name)) this.readers.add(local.name);
    }
  }

  /** Whether a callee is a function of node:fs that reads the file named by its first argument. */
  isReader(callee: Any): boolean {
    if (callee.type === 'Identifier') return this.readers.has(callee.name);
    if (callee.type !== 'MemberExpression' || !READER.test(nameOf(callee.property))) return false;
    const object =
      nameOf(callee.object) === 'promises' ? (callee.object.object ?? callee.object) : callee.object;
    return object.type === 'Identifier' && this.fs.has(object.name);
  }
}

/** Whether a callee has one of the given local names, or the usual name, possibly as a member of a module. */
function isCalled(callee: Any, usual: RegExp, names: ReadonlySet<string>): boolean {
  return usual.test(nameOf(callee)) || (callee.type === 'Identifier' && names.has(callee.name));
}
