/** Syntax tree of a bundle section, and predicates on its nodes. */
import type { AnyNode } from 'acorn';
import { Parser } from 'acorn';

export interface Problem {
  /** One-based line and zero-based column in the text. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

// biome-ignore lint/suspicious/noExplicitAny: nodes of any type, looked at by their type
export type Any = any;
export type Path = readonly Any[];

/** Parser that accepts exports of undeclared names: another section of the bundle declares them. */
const LenientParser = Parser.extend(
  (Base) =>
    class extends (Base as Any) {
      raiseRecoverable(): void {}
    } as Any,
);

export function parse(raw: string): { program: Any } | { problem: Problem } {
  let result = parses.get(raw);
  if (result === undefined) {
    try {
      result = {
        program: LenientParser.parse(raw, { ecmaVersion: 'latest', sourceType: 'module', locations: true }),
      };
    } catch (error) {
      const { loc, message } = error as { loc?: { line: number; column: number }; message: string };
      const { line, column } = loc ?? { line: 1, column: 0 };
      result = {
        problem: { line, column, message: `cannot read this: ${message}`, hint: 'write it otherwise' },
      };
    }
    parses.set(raw, result);
  }
  return result;
}

/** Parse results by section text: most sections are part of the bundles of many stages. */
const parses = new Map<string, { program: Any } | { problem: Problem }>();

export function walk(node: Any, path: Path, visit: (node: AnyNode, path: Path) => void): void {
  visit(node, path);
  const below = [node, ...path];
  for (const [key, value] of Object.entries(node)) {
    if (key === 'loc' || value === null || typeof value !== 'object') continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') walk(child, below, visit);
    }
  }
}

/** Names of the variables that are read from an environment expression; undefined if they are not known statically. */
export function variablesOf(node: Any, parent: Any): string[] | undefined {
  if (parent.type === 'MemberExpression' && parent.object === node) {
    const name = parent.computed ? literal(parent.property) : parent.property.name;
    return name === undefined ? undefined : [name];
  }
  if (parent.type === 'BinaryExpression' && parent.operator === 'in' && parent.right === node) {
    const name = literal(parent.left);
    return name === undefined ? undefined : [name];
  }
  if (parent.type !== 'VariableDeclarator' || parent.id.type !== 'ObjectPattern') return undefined;
  const names = parent.id.properties.map((property: Any) => {
    if (property.type !== 'Property' || property.computed) return undefined;
    return property.key.name ?? literal(property.key);
  });
  return names.includes(undefined) ? undefined : names;
}

export function isCreateRequire(node: Any, names: ReadonlySet<string>): boolean {
  return (
    node?.type === 'CallExpression' &&
    node.callee.type === 'Identifier' &&
    names.has(node.callee.name) &&
    isMetaUrl(node.arguments[0])
  );
}

export function isMetaUrl(node: Any): boolean {
  return (
    node?.type === 'MemberExpression' &&
    node.object.type === 'MetaProperty' &&
    !node.computed &&
    node.property.name === 'url'
  );
}

/** Whether a node is `new URL(…, import.meta.url)`. */
export function isUrl(node: Any): boolean {
  return node?.type === 'NewExpression' && nameOf(node.callee) === 'URL' && isMetaUrl(node.arguments[1]);
}

/** Whether a node is `new URL(…, import.meta.url)` or its `href`. */
export function isUrlOrHref(node: Any): boolean {
  return (
    isUrl(node) ||
    (node?.type === 'MemberExpression' && nameOf(node.property) === 'href' && isUrl(node.object))
  );
}

/** Whether the URL at the head of a path is run as code: by a thread team, a Worker or an import. */
export function isRun([url, parent, ...above]: Path): boolean {
  const isHref = parent.type === 'MemberExpression' && nameOf(parent.property) === 'href';
  const [use, user] = isHref ? [parent, above[0]] : [url, parent];
  if (user.type === 'ImportExpression') return user.source === use;
  if (user.arguments?.[0] !== use) return false;
  return /^(team|runTeam|Worker)\d*$/.test(nameOf(user.callee));
}

/** Name of an identifier, of the last member of a chain, or of a string key; empty for other nodes. */
export function nameOf(node: Any): string {
  if (node?.type === 'MemberExpression') return node.computed ? '' : nameOf(node.property);
  return node?.type === 'Identifier' ? node.name : typeof node?.value === 'string' ? node.value : '';
}

/** Whether an identifier is read as a variable, and is not a property name or a declaration. */
export function isReference(node: Any, [parent]: Path): boolean {
  if (parent === undefined) return false;
  if (parent.type === 'MemberExpression') return parent.computed || parent.object === node;
  if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(parent.type)) {
    return parent.computed || parent.value === node;
  }
  if (/^(Import|Export)\w*Specifier$/.test(parent.type))
    return parent.local === node && parent.type === 'ExportSpecifier';
  if (parent.type === 'VariableDeclarator') return parent.init === node;
  if (parent.type === 'LabeledStatement' || /^(Break|Continue)Statement$/.test(parent.type)) return false;
  if (parent.type === 'AssignmentExpression') return parent.right === node;
  return !/^(Function|Class)(Declaration|Expression)$/.test(parent.type) || parent.superClass === node;
}

export function literal(node: Any): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0].value.cooked;
}

/** Package pattern (`name/*`) of a template such as `name/${file}`; undefined for other nodes. */
export function leadingPackage(node: Any): string | undefined {
  if (node?.type !== 'TemplateLiteral' || node.expressions.length === 0) return undefined;
  const [name] = /^(?:@[\w.-]+\/)?[a-zA-Z0-9][\w.-]*\//.exec(node.quasis[0].value.cooked) ?? [];
  return name === undefined ? undefined : `${name}*`;
}

export function slashed(text: string | undefined): string | undefined {
  return text?.startsWith('/') ? text : undefined;
}

/** Whether a value does nothing but get a name. */
export function isNamed(node: Any, parent: Any): boolean {
  if (parent.type === 'VariableDeclarator') return parent.init === node && parent.id.type === 'Identifier';
  return parent.type === 'AssignmentExpression' && parent.right === node && parent.left.type === 'Identifier';
}

/** Whether an object is the argument of `define…`, or what a module exports by default, as a bundle names it. */
export function isDefinition(holder: Any, object: Any): boolean {
  if (holder?.type === 'CallExpression')
    return holder.arguments.includes(object) && /^define/.test(nameOf(holder.callee));
  return holder?.type === 'VariableDeclarator' && /_default\d*$/.test(nameOf(holder.id));
}
