/** Places in configs written in TypeScript, JavaScript and JSON. */
import { stripTypeScriptTypes } from 'node:module';
import {
  type Expression,
  type Node,
  type ObjectExpression,
  type Program,
  parse,
  parseExpressionAt,
} from 'acorn';
import type { Located, Locator, Range } from './location.ts';
import type { Path } from './path.ts';

/** Locates values in JSON, which parses as a JavaScript expression: enough for places. */
export function locateInJson(text: string): Locator {
  const root = parseExpressionAt(text, 0, { ecmaVersion: 'latest' });
  return (path) => find(root, path, new Map());
}

export function locateInScript(text: string, typescript: boolean): Locator {
  // Type stripping writes blanks over types, so that all offsets stay.
  const script = typescript ? withoutWarning(() => stripTypeScriptTypes(text)) : text;
  const program = parse(script, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
  const constants = constantsOf(program);
  const root = argumentOf(exportedExpression(program), constants);
  return (path) => (root === undefined ? { depth: 0 } : find(root, path, constants));
}

/**
 * Runs an action without warnings: Node itself runs `stripTypeScriptTypes` on every .ts file, yet the function warns that
 * it is experimental.
 */
export function withoutWarning<T>(action: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return action();
  } finally {
    process.emitWarning = emitWarning;
  }
}

type Constants = ReadonlyMap<string, Expression>;

function constantsOf(program: Program): Constants {
  const constants = new Map<string, Expression>();
  for (const statement of program.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') continue;
    for (const { id, init } of declaration.declarations) {
      if (id.type === 'Identifier' && init) constants.set(id.name, init);
    }
  }
  return constants;
}

function exportedExpression(program: Program): Expression | undefined {
  for (const statement of program.body) {
    if (statement.type === 'ExportDefaultDeclaration') return statement.declaration as Expression;
    if (statement.type !== 'ExpressionStatement') continue;
    const { expression } = statement;
    if (expression.type !== 'AssignmentExpression' || expression.left.type !== 'MemberExpression') continue;
    const { object, property } = expression.left;
    if (object.type === 'Identifier' && object.name === 'module' && nameOf(property) === 'exports')
      return expression.right;
  }
  return undefined;
}

/**
 * Argument of the exported call (`defineConfig({…})`, whatever its local name), which returns it unchanged; else the
 * expression.
 */
function argumentOf(exported: Expression | undefined, constants: Constants): Node | undefined {
  const node = exported && (unwrap(exported, constants) as Expression);
  return node?.type === 'CallExpression' && node.arguments.length > 0 ? node.arguments[0] : node;
}

/** Object or list that an expression stands for, as far as the text alone tells. */
function unwrap(node: Node, constants: Constants, steps = 0): Node {
  const expression = node as Expression;
  if (steps > 20) return node; // const a = b, b = a
  switch (expression.type) {
    case 'ParenthesizedExpression':
      return unwrap(expression.expression, constants, steps + 1);
    case 'Identifier': {
      const value = constants.get(expression.name);
      return value === undefined ? node : unwrap(value, constants, steps + 1);
    }
    default:
      return node;
  }
}

function find(root: Node, path: Path, constants: Constants): Located {
  let node = root;
  let key: Range | undefined;
  for (let depth = 0; depth <= path.length; depth++) {
    const inner = unwrap(node, constants);
    const next = depth < path.length ? step(inner, path[depth], constants) : undefined;
    if (next === undefined) {
      const container = inner.type === 'ObjectExpression' || inner.type === 'ArrayExpression';
      return { depth, key, value: rangeOf(node), container };
    }
    key = next.key;
    node = next.value;
  }
  throw new RangeError('unreachable: the loop ends at the last step');
}

function step(
  node: Node,
  key: string | number,
  constants: Constants,
): { key?: Range; value: Node } | undefined {
  if (node.type === 'ArrayExpression') {
    const { elements } = node as Expression & { type: 'ArrayExpression' };
    const index = Number(key);
    if (elements.slice(0, index + 1).some((e) => e?.type === 'SpreadElement')) return undefined;
    const element = elements[index];
    return element ? { value: element } : undefined;
  }
  if (node.type !== 'ObjectExpression') return undefined;
  // From the end, since the last of two equal keys counts.
  for (const property of (node as ObjectExpression).properties.toReversed()) {
    if (property.type === 'SpreadElement') {
      const inside = step(unwrap(property.argument, constants), key, constants);
      if (inside !== undefined) return inside;
    } else if (!property.computed || property.key.type === 'Literal') {
      if (nameOf(property.key) === String(key)) return { key: rangeOf(property.key), value: property.value };
    }
  }
  return undefined;
}

function nameOf(key: Node): string | undefined {
  const node = key as Expression;
  if (node.type === 'Identifier') return node.name;
  return node.type === 'Literal' ? String(node.value) : undefined;
}

function rangeOf({ start, end }: Node): Range {
  return { start, end };
}
