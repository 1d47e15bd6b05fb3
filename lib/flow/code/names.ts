/** What names at the top of a bundle mean, as far as it matters for following code. */
import { type Any, isCreateRequire, isOwnPath, literal, nameOf, type Path } from './syntax.ts';
import { Urls } from './urls.ts';

/** Names that stand in the text for what esbuild knows to be Node's own, and no variable of that name. */
export interface Marks {
  readonly process: string;
  readonly dirname: string;
  readonly filename: string;
}

export const TEXT = 'code that is made from a text';
export const WRITE_OUT = 'write the code out';
export const HARMLESS: ReadonlySet<string> = new Set(['builtinModules', 'isBuiltin', 'stripTypeScriptTypes']);
export const HARMFUL: ReadonlySet<string> = new Set([
  '_linkedBinding',
  'binding',
  'cwd',
  'dlopen',
  'getBuiltinModule',
  'loadEnvFile',
  'mainModule',
]);

const FS = /^(?:node:)?fs(?:\/promises)?$/;
const READER =
  /^(?:readFile|createReadStream|open|openAsBlob|readdir|opendir|l?stat|exists|access|realpath|readlink|glob|cp|copyFile)(?:Sync)?$/;

/** What names at the top of a bundle mean. */
export class Names {
  readonly process: Set<string>;
  readonly env = new Set<string>();
  readonly createRequire = new Set<string>();
  /** What `createRequire` gave → the module for which. */
  readonly requires = new Map<string, string>();
  /** Names of what runs a text. */
  readonly runners = new Set(['eval', 'Function']);
  /** Names of `join` and `resolve` of node:path. */
  readonly joins = new Set<string>();
  /** Names of node:fs as a whole, and of functions of it that read. */
  readonly fs = new Set<string>();
  readonly readers = new Set<string>();
  readonly urls = new Urls();
  /** Names of the path of the module that declares them; and of its folder, with those modules. */
  readonly ownPaths = new Set<string>();
  readonly ownFolders = new Map<string, Set<string>>();
  readonly imports: {
    readonly node: Any;
    readonly path: string;
    readonly message: string;
    readonly hint: string;
  }[] = [];
  readonly #marks: readonly string[];

  constructor(marks: Marks) {
    this.process = new Set([marks.process]);
    this.#marks = Object.values(marks);
  }

  /** Whether a text has one of the names. */
  areIn(raw: string): boolean {
    const names = [
      this.process,
      this.env,
      this.createRequire,
      this.requires.keys(),
      this.runners,
      this.urls.names,
      this.ownPaths,
      this.ownFolders.keys(),
    ].flatMap((all) => [...all]);
    return [...this.#marks, ...names].some(
      (name) => name !== 'Function' && name !== 'eval' && raw.includes(name),
    );
  }

  declare(node: Any, _above: Path, path: string): void {
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') {
      if (isOwnPath(node.init)) this.ownPaths.add(node.id.name);
      else if (this.isOwnFolder(node.init))
        this.ownFolders.set(node.id.name, (this.ownFolders.get(node.id.name) ?? new Set()).add(path));
      this.urls.declare(node.id.name, node.init, path);
      const required =
        nameOf(node.init?.callee) === '__require' ? literal(node.init.arguments[0]) : undefined;
      if (FS.test(required ?? '')) this.fs.add(node.id.name);
    }
    if (node.type === 'ImportDeclaration') this.#import(node, path);
    else if (
      node.type === 'VariableDeclarator' &&
      node.id.type === 'Identifier' &&
      isCreateRequire(node.init, this.createRequire)
    )
      this.requires.set(node.id.name, path);
    else if (
      node.type === 'AssignmentExpression' &&
      node.left.type === 'Identifier' &&
      isCreateRequire(node.right, this.createRequire)
    )
      this.requires.set(node.left.name, path);
  }

  /** `dirname(fileURLToPath(import.meta.url))`, in one expression or by way of a constant. */
  isOwnFolder(node: Any): boolean {
    if (node?.type !== 'CallExpression' || !/^dirname\d*$/.test(nameOf(node.callee))) return false;
    const [file] = node.arguments;
    return isOwnPath(file) || (file?.type === 'Identifier' && this.ownPaths.has(file.name));
  }

  #import(node: Any, path: string): void {
    const source = String(node.source.value).replace(/^node:/, '');
    if (FS.test(source)) this.#importFs(node);
    if (!/^(module|process|vm|path|path\/posix)$/.test(source)) return;
    const refuse = (message: string, hint: string) => this.imports.push({ node, path, message, hint });
    for (const { type, imported, local } of node.specifiers) {
      const name = type === 'ImportSpecifier' ? (imported.name ?? imported.value) : 'default';
      if (source.startsWith('path')) {
        if (name === 'join' || name === 'resolve') this.joins.add(local.name);
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

  /** Whether a call is one of node:fs that reads what its first argument names. */
  isReader(callee: Any): boolean {
    if (callee.type === 'Identifier') return this.readers.has(callee.name);
    if (callee.type !== 'MemberExpression' || !READER.test(nameOf(callee.property))) return false;
    const object =
      nameOf(callee.object) === 'promises' ? (callee.object.object ?? callee.object) : callee.object;
    return object.type === 'Identifier' && this.fs.has(object.name);
  }
}
