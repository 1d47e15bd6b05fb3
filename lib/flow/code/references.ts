/**
 * Finds the references of a module besides its imports: files by `new URL('./x', import.meta.url)` and the like, modules of
 * threads, environment variables. Also finds code that cannot be followed, whose identity would be incomplete.
 *
 * The input is esbuild's output (bundle.ts), without types and without code that the entry does not use.
 */
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LocalNames } from './local-names.ts';
import { HARMFUL, type Marks, Names, TEXT, WRITE_OUT } from './names.ts';
import {
  type Any,
  isCreateRequire,
  isDefinition,
  isNamed,
  isReference,
  isRun,
  isUrl,
  isUrlOrHref,
  leadingPackage,
  literal,
  nameOf,
  type Path,
  type Problem,
  parse,
  slashed,
  variablesOf,
  walk,
} from './syntax.ts';
import { below } from './urls.ts';

export type Reference = { readonly at: number } & (
  | {
      /** A file or folder, as a URL relative to the module. */
      readonly kind: 'url';
      readonly url: string;
      /** True if the file is run and used in no other way. */
      readonly isRun: boolean;
    }
  /** Specifier of a `require` made by `createRequire`, possibly for another module (`from`), or of `import.meta.resolve`. */
  | {
      readonly kind: 'module';
      readonly specifier: string;
      readonly way: 'import' | 'require';
      readonly from?: string;
    }
  | { readonly kind: 'variable'; readonly name: string }
);

export interface Found {
  readonly references: readonly Reference[];
  readonly problems: readonly Problem[];
}

const SUSPICIOUS =
  /import\.meta|\bglobal(?:This)?\b|\bprocess\b|\b(?:team|runTeam)\d*\(|\bimport\(|\b__require\b|\beval\b|\bFunction\b|\bWorker|\bfork\b|["'](?:node:)?(?:module|vm|process|path|path\/posix|fs|fs\/promises|url)["']/;

/** System files: they are part of no key, and no result may depend on them. */
const OF_SYSTEM = /^\/(?:dev|etc|proc|sys)\//;

const USE_URL = "name the file in full: new URL('./name', import.meta.url)";

const OWN_NAME = "the file's own name is used";
const OWN_FOLDER = "the file's own folder is used in a way that cannot be followed";

/**
 * Finds the references and problems of a bundle, section by section. Top-level names are unique within a bundle, so one
 * section may use names that another declares.
 */
export function findReferences(
  sections: readonly { readonly raw: string; readonly path?: string }[],
  marks: Marks,
): Found[] {
  const names = new Names(marks);
  const programs = new Map<string, Any>();
  const broken = new Map<string, Problem>();
  const parsed = (raw: string): Any => {
    if (programs.has(raw)) return programs.get(raw);
    const result = parse(raw);
    if ('problem' in result) broken.set(raw, result.problem);
    const program = 'problem' in result ? undefined : result.program;
    programs.set(raw, program);
    return program;
  };
  for (const { raw, path } of sections) {
    if (path === undefined || !SUSPICIOUS.test(raw)) continue;
    const program = parsed(raw);
    if (program !== undefined) walk(program, [], (node, above) => names.declare(node, above, path));
  }
  return sections.map(({ raw, path }): Found => {
    if (path === undefined || !(SUSPICIOUS.test(raw) || names.areIn(raw))) return NOTHING;
    const program = parsed(raw);
    if (program === undefined) return { references: [], problems: [broken.get(raw)!] };
    const scan = new Scan(marks, names, path, raw.includes('__commonJS('));
    walk(program, [], (node, above) => scan.note(node, above));
    walk(program, [], (node, above) => scan.look(node, above));
    return scan.found;
  });
}

const NOTHING: Found = { references: [], problems: [] };

class Scan {
  readonly #marks: Marks;
  readonly #path: string;
  readonly #isCommonJs: boolean;
  readonly #references: Reference[] = [];
  readonly #problems: Problem[] = [];
  readonly #names: Names;
  readonly #local: LocalNames;

  constructor(marks: Marks, names: Names, path: string, isCommonJs: boolean) {
    this.#marks = marks;
    this.#path = path;
    this.#names = names;
    this.#local = new LocalNames(names);
    this.#isCommonJs = isCommonJs;
  }

  get found(): Found {
    return { references: this.#references, problems: this.#problems };
  }

  /** Collects names in a first pass, because a use may precede its declaration. */
  note(node: Any, path: Path): void {
    this.#local.note(node, path);
  }

  #isCreateRequire(node: Any): boolean {
    return isCreateRequire(node, this.#names.createRequire);
  }

  look(node: Any, path: Path): void {
    switch (node.type) {
      case 'ImportDeclaration':
        for (const { node: refused, message, hint } of this.#names.imports) {
          if (refused === node) this.#refuse(node, message, hint);
        }
        return;
      case 'MetaProperty':
        if (node.meta.name === 'import') this.#meta(node, path);
        return;
      case 'ImportExpression':
        this.#dynamicImport(node);
        return;
      case 'NewExpression':
        if (/^Worker\d*$/.test(nameOf(node.callee))) this.#thread(node);
        else if (nameOf(node.callee) === 'URL' && !isUrl(node)) this.#urlOfUrl(node, path);
        return;
      case 'CallExpression':
        if (/^(fork|team|runTeam)\d*$/.test(nameOf(node.callee))) this.#thread(node);
        else if (this.#names.isOwnFolder(node)) this.#ownFolder(node, path);
        else if (this.#names.isReader(node.callee)) this.#reader(node);
        else this.#pathOfUrl(node, path);
        return;
      case 'MemberExpression':
        if (this.#isCommonJs && node.object.name === 'module' && !node.computed) this.#module(node);
        // `process.env` via another name of the global object.
        if (nameOf(node.property) === 'env' && nameOf(node.object.property) === 'process')
          this.#environment(node, path);
        return;
      case 'Identifier':
        if (isReference(node, path)) this.#identifier(node, path);
    }
  }

  #meta(node: Any, path: Path): void {
    const [member, parent] = path;
    const name = member.type === 'MemberExpression' && !member.computed ? member.property.name : undefined;
    if (name === 'main') return;
    if (name === 'resolve' && parent.type === 'CallExpression' && parent.callee === member) {
      const specifier = leadingPackage(parent.arguments[0]) ?? literal(parent.arguments[0]);
      if (specifier === undefined) {
        this.#refuse(node, 'a computed name in import.meta.resolve', 'give it a name in quotes');
      } else this.#references.push({ at: node.start, kind: 'module', specifier, way: 'import' });
      return;
    }
    if (name === 'url') this.#metaUrl(member, path.slice(1));
    else this.#refuse(node, 'import.meta is used in a way that cannot be followed', USE_URL);
  }

  #metaUrl(member: Any, path: Path): void {
    const [parent, above] = path;
    if (isUrl(parent) && parent.arguments[1] === member) {
      const url = literal(parent.arguments[0]);
      if (url === undefined) this.#refuse(parent, 'a URL that is computed', USE_URL);
      else this.#references.push({ at: parent.start, kind: 'url', url, isRun: isRun(path) });
      return;
    }
    // `module: import.meta.url` in the definition of a stage or an encoding.
    const isDeclaration =
      parent.type === 'Property' && nameOf(parent.key) === 'module' && isDefinition(path[2], above);
    if (isDeclaration) return;
    if (isNamed(member, parent)) return; // see #ownUrl
    if (this.#isCreateRequire(parent)) this.#createdRequire(parent, path.slice(1));
    else if (this.#names.isOwnPath(parent)) this.#ownPath(parent, path.slice(1));
    else this.#refuse(member, 'import.meta.url is used in a way that cannot be followed', USE_URL);
  }

  #createdRequire(call: Any, path: Path): void {
    const [parent] = path;
    if (!isNamed(call, parent)) this.#requireCall(call, path);
  }

  /** Records a call of `require` or of its `resolve`, or refuses any other use. */
  #requireCall(callee: Any, path: Path): void {
    const [parent, above] = path;
    if (parent.type === 'UnaryExpression' && parent.operator === 'typeof') return;
    // `require.main === module` tests whether a file is the main program; code of a stage never is.
    if (nameOf(parent.property) === 'main' && above.type === 'BinaryExpression') return;
    const isResolve = path[0].type === 'MemberExpression' && nameOf(path[0].property) === 'resolve';
    const [function_, call] = isResolve ? [path[0], path[1]] : [callee, path[0]];
    const specifier =
      call.type === 'CallExpression' && call.callee === function_ ? literal(call.arguments[0]) : undefined;
    if (specifier === undefined) {
      this.#refuse(callee, 'a computed `require`', 'call it with a name in quotes');
    } else if (/^(node:)?(module|vm|process)$/.test(specifier)) {
      this.#refuse(callee, `"${specifier}" that is not imported at the top`, 'import it, and by name');
    } else if (callee.name !== '__require') {
      for (const from of this.#names.modulesOfRequire(callee.name, this.#path))
        this.#references.push({ at: callee.start, kind: 'module', specifier, way: 'require', from });
    }
  }

  #dynamicImport(node: Any): void {
    const { source } = node;
    const specifier = literal(source);
    if (specifier !== undefined) {
      if (/^(node:)?(module|vm|process)$/.test(specifier))
        this.#refuse(node, `"${specifier}" that is not imported at the top`, 'import it at the top, by name');
      return;
    }
    if (isUrlOrHref(source)) return; // see #metaUrl
    if (this.#local.isUrl(source.type === 'MemberExpression' ? source.object : source)) return;
    if (source.type === 'MemberExpression' && source.computed) {
      const { object } = source;
      if (object.type === 'Identifier' && this.#local.isCode(object.name)) return;
      if (object.type === 'MemberExpression' && nameOf(object.property) === 'code') return;
    }
    this.#refuse(
      node,
      'a computed import',
      'import a name in quotes; code that differs from instance to instance is named by `code` of the stage, and imported as import(code[0])',
    );
  }

  #thread({ arguments: [file], ...node }: Any): void {
    const isPath = file?.type === 'CallExpression' && /^(fileURLToPath|String)\d*$/.test(nameOf(file.callee));
    const url = isPath ? file.arguments[0] : file;
    if (isUrlOrHref(url) || this.#local.isUrl(url)) return;
    this.#refuse(node, 'a thread or process of a file that is computed', USE_URL);
  }

  /** Records `new URL('../x', FOLDER)`: a URL relative to the URL of a file names a file too. */
  #urlOfUrl(node: Any, path: Path): void {
    const bases = this.#names.urls.of(node.arguments[1], this.#path);
    for (const url of this.#names.urls.of(node, this.#path)) {
      this.#references.push({ at: node.start, kind: 'url', url, isRun: isRun([node, ...path]) });
    }
    // A computed file inside a folder is allowed: the whole folder is part of the identity.
    if (literal(node.arguments[0]) === undefined && bases.some((base) => !base.endsWith('/')))
      this.#refuse(node, 'a URL that is computed', USE_URL);
  }

  /** Records `join(FOLDER, '..', 'x')` and refuses `dirname(FILE)`: both lead outside the files named by the URL. */
  #pathOfUrl({ callee, arguments: [first, ...rest], ...node }: Any, path: Path): void {
    const isDirname = /^dirname\d*$/.test(nameOf(callee));
    if (!isDirname && !this.#isJoin(callee)) return;
    const bases = this.#names.urls.of(first, this.#path);
    if (bases.length === 0) return;
    const parts = rest.map(literal);
    const isUp = isDirname || parts.some((part?: string) => /(^|\/)\.\.(\/|$)|^\//.test(part ?? ''));
    if (!isUp) return;
    if (isDirname || parts.includes(undefined)) {
      this.#refuse(node, 'a path that leads away from the file that is named', USE_URL);
      return;
    }
    for (const base of bases) {
      this.#references.push({
        at: node.start,
        kind: 'url',
        url: below(base, parts),
        isRun: isRun([node, ...path]),
      });
    }
  }

  #isJoin(callee: Any): boolean {
    return callee.type === 'Identifier'
      ? this.#names.joins.has(callee.name)
      : /^(join|resolve)$/.test(nameOf(callee)) && /^path\d*$/.test(nameOf(callee.object));
  }

  /**
   * Refuses to read a file by a literal path: it is relative to the current folder or specific to this machine, and no key
   * covers its content.
   */
  #reader({ arguments: [file], ...node }: Any): void {
    const path = literal(file);
    if (path === undefined || OF_SYSTEM.test(path)) return;
    this.#refuse(
      node,
      `a file that is read by its path alone: "${path}"`,
      "new URL('./name', import.meta.url) makes it part of the code; a file of data is named by `files` of the stage",
    );
  }

  #module(node: Any): void {
    if (/^(exports|loaded)$/.test(nameOf(node.property))) return;
    this.#refuse(node, `module.${nameOf(node.property)} cannot be followed`, USE_URL);
  }

  #identifier(node: Any, path: Path): void {
    const { name } = node;
    const [parent] = path;
    if (name === this.#marks.dirname) this.#folder(node, path);
    else if (name === this.#marks.filename) {
      this.#refuse(node, OWN_NAME, USE_URL);
    } else if (this.#names.ownUrls.has(name)) this.#ownUrl(node, path);
    else if (this.#names.ownPaths.has(name) || this.#names.ownFolders.has(name)) {
      this.#ownName(node, path);
    } else if (this.#names.env.has(name)) this.#environment(node, path);
    else if (this.#names.process.has(name)) this.#ofProcess(node, path);
    else if (name === '__require' || this.#names.requires.has(name)) this.#requireCall(node, path);
    else if (this.#names.runners.has(name)) this.#runner(node, parent);
    else if (name === 'globalThis' || name === 'global') this.#global(node, parent);
    else if (this.#names.createRequire.has(name) && !this.#isCreateRequire(parent))
      this.#refuse(
        node,
        'createRequire is used in a way that cannot be followed',
        "write createRequire(import.meta.url)('name')",
      );
  }

  /** A member of the global object can be told by its name; through another name of the object, it cannot. */
  #global(node: Any, parent: Any): void {
    if (parent.type === 'UnaryExpression' || this.#local.isElse(node.name)) return;
    const isMember = parent.type === 'MemberExpression' && parent.object === node;
    const isSymbol = isMember && parent.computed && nameOf(parent.property.callee?.object) === 'Symbol';
    const name = isMember && (parent.computed ? literal(parent.property) : nameOf(parent.property));
    if (isSymbol || (typeof name === 'string' && name !== 'process')) return;
    this.#refuse(
      node,
      'the global object as a whole: what is used of it cannot be told',
      'write globalThis.NAME where it is used',
    );
  }

  /** Allows running a literal string, which the identity covers like other code, unless it may import. Refuses other text. */
  #runner(node: Any, parent: Any): void {
    const isCall = /^(Call|New)Expression$/.test(parent.type) && parent.callee === node;
    if (!isCall && node.name === 'Function') return; // `instanceof Function` and its like
    const texts = isCall ? parent.arguments.map(literal) : [];
    const isHarmless =
      texts.length > 0 &&
      typeof texts[0] === 'string' &&
      texts.every((text?: string) => text !== undefined && !/import|require|process|module/.test(text));
    if (!isHarmless) this.#refuse(node, TEXT, WRITE_OUT);
  }

  /** Allows a name bound to the URL of a module, such as a registry, in `externals` of a stage only. */
  #ownUrl(node: Any, [list, property]: Path): void {
    const isExternal =
      list.type === 'ArrayExpression' &&
      property.type === 'Property' &&
      /^externals$/.test(nameOf(property.key));
    if (isExternal) return;
    if (this.#local.meaningOf(node.name) === 'other') return;
    this.#refuse(node, 'import.meta.url is used in a way that cannot be followed', USE_URL);
  }

  /** Checks the use of a name bound to the path or folder of a module. */
  #ownName(node: Any, path: Path): void {
    const { name } = node;
    const isFolder = this.#names.ownFolders.has(name);
    const meaning = this.#local.meaningOf(name);
    if (meaning === 'unclear') this.#refuse(node, isFolder ? OWN_FOLDER : OWN_NAME, USE_URL);
    if (meaning !== 'own') return;
    if (isFolder) this.#folder(node, path, this.#names.ownFolders.get(name));
    else this.#ownPath(node, path);
  }

  /** Allows the module's own path only for getting its folder. */
  #ownPath(node: Any, path: Path): void {
    const [parent] = path;
    if (isNamed(node, parent) || this.#names.isOwnFolder(parent)) return;
    this.#refuse(node, OWN_NAME, USE_URL);
  }

  #ownFolder(node: Any, path: Path): void {
    const [parent] = path;
    if (!isNamed(node, parent)) this.#folder(node, path);
  }

  /** Records `join(dirname, 'a', 'b')`, `dirname + '/a'` and `${dirname}/a`, which name a file in full; refuses other uses. */
  #folder(node: Any, path: Path, modules: Iterable<string> = [this.#path]): void {
    const [parent] = path;
    let parts: (string | undefined)[] = [undefined];
    if (parent.type === 'CallExpression' && parent.arguments[0] === node) {
      if (this.#isJoin(parent.callee)) parts = parent.arguments.slice(1).map(literal);
    } else if (parent.type === 'BinaryExpression' && parent.operator === '+' && parent.left === node) {
      const isLast = path[1].type !== 'BinaryExpression';
      if (isLast) parts = [slashed(literal(parent.right))];
    } else if (parent.type === 'TemplateLiteral' && parent.expressions.length === 1) {
      const [before, after] = parent.quasis.map((quasi: Any) => quasi.value.cooked);
      if (before === '') parts = [slashed(after)];
    }
    if (parts.length === 0 || parts.some((part) => part === undefined)) {
      this.#refuse(node, OWN_FOLDER, USE_URL);
      return;
    }
    for (const module of modules) {
      const url = below(pathToFileURL(dirname(module)).href, parts as string[]);
      this.#references.push({ at: node.start, kind: 'url', url, isRun: false });
    }
  }

  #ofProcess(node: Any, path: Path): void {
    const [parent] = path;
    if (parent.type === 'UnaryExpression' && parent.operator === 'typeof') return;
    const isMember = parent.type === 'MemberExpression' && parent.object === node;
    const name = !isMember ? undefined : parent.computed ? literal(parent.property) : parent.property.name;
    if (name === undefined) {
      this.#refuse(node, '`process` as a whole', 'write process.name where it is used');
    } else if (name === 'env') this.#environment(parent, path.slice(1));
    else if (HARMFUL.has(name)) this.#refuseNative(node, name);
  }

  #environment(node: Any, path: Path): void {
    const names = variablesOf(node, path[0]);
    if (names === undefined) {
      this.#refuse(
        node,
        'the environment as a whole, which no key knows',
        'write process.env.NAME: then its value is part of the key; or give the value in the config',
      );
    }
    for (const name of names ?? []) this.#references.push({ at: node.start, kind: 'variable', name });
  }

  #refuseNative(node: Any, name: string): void {
    const hint = name === 'cwd' ? USE_URL : 'import what is needed';
    this.#refuse(node, `process.${name} cannot be followed`, hint);
  }

  #refuse(node: Any, message: string, hint: string): void {
    const { line, column } = node.loc.start;
    this.#problems.push({ line, column, message, hint });
  }
}
