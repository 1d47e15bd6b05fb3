/** Holds docs/config.md: its tables name every key of the schema, with the type and default that the schema has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { composeSchema } from '../../lib/config/schema.ts';
import { stages } from '../../stages/index.ts';

/** What of JSON Schema zod writes for our schemas. */
interface Node {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  pattern?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  properties?: Record<string, Node>;
  required?: string[];
  additionalProperties?: Node | false;
  items?: Node | false;
  prefixItems?: Node[];
  anyOf?: Node[];
  oneOf?: Node[];
}

/** A key as a row of a table says it. */
interface Row {
  type: string;
  default: string;
}

/** Rows by the table they stand in (`dataset`, `encodings.<name>, kind: 'rank'`; '' for the top) and key. */
type Tables = Map<string, Map<string, Row>>;

const optionsOf = (node: Node) => node.anyOf ?? node.oneOf;

function tablesOfSchema(root: Node): Tables {
  const tables: Tables = new Map();
  const walk = (node: Node, path: string) => {
    const objects = optionsOf(node)?.filter((option) => option.properties !== undefined) ?? [];
    // The options of a union of objects are told apart by the one key that is a literal in some of them.
    const keys = objects.flatMap((option) => Object.entries(option.properties!));
    const [discriminator] = keys.find(([, part]) => part.const !== undefined) ?? [''];
    for (const option of objects) {
      const literal = option.properties![discriminator]?.const;
      addTable(option, literal === undefined ? path : `${path}, ${discriminator}: '${literal}'`, path);
    }
    if (node.properties !== undefined) addTable(node, path, path);
    if (node.additionalProperties) walk(node.additionalProperties, `${path}.<name>`);
  };
  const addTable = (node: Node, name: string, path: string) => {
    assert.ok(!tables.has(name), `two tables would be called "${name}"`);
    const rows = new Map<string, Row>();
    tables.set(name, rows);
    for (const [key, part] of Object.entries(node.properties!)) {
      const isRequired = node.required?.includes(key) === true;
      const otherwise = isRequired ? 'required' : 'none';
      const value = part.default === undefined ? otherwise : `\`${JSON.stringify(part.default)}\``;
      rows.set(key, { type: typeInWords(part), default: value });
      walk(part, path === '' ? key : `${path}.${key}`);
    }
  };
  walk(root, '');
  return tables;
}

function typeInWords(node: Node): string {
  const options = optionsOf(node);
  if (options !== undefined) return [...new Set(options.map(typeInWords))].join(', or ');
  if (node.const !== undefined) return `\`'${node.const}'\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`'${value}'\``).join(' or ');
  switch (node.type) {
    case 'integer':
      return `whole number${boundsInWords(node)}`;
    case 'number':
      return `number${boundsInWords(node)}`;
    case 'string':
      return 'text';
    case 'boolean':
      return '`true` or `false`';
    case 'null':
      return '`null`';
    case 'array':
      return node.prefixItems === undefined
        ? `list of ${typeInWords(node.items as Node)}`
        : `[${node.prefixItems.map(typeInWords).join(', ')}]`;
    case 'object':
      return node.properties === undefined ? 'objects by name' : 'object';
    default:
      throw new Error(`no words for ${JSON.stringify(node)}`);
  }
}

function boundsInWords({ minimum, exclusiveMinimum, maximum }: Node): string {
  const from = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? '' : ` from ${minimum}`;
  const above = exclusiveMinimum === undefined ? '' : ` above ${exclusiveMinimum}`;
  const to = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`;
  return from + above + to;
}

const page = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');

function tablesOfPage(): Tables {
  const tables: Tables = new Map();
  for (const section of page.split(/^#+ /m)) {
    const [, table] =
      /^\| key \| type \| default \| meaning \|\n\|[-|]+\|\n((?:\|.*\n?)+)/m.exec(section) ?? [];
    if (table === undefined) continue;
    const [heading] = section.split('\n');
    const name = Array.from(heading.matchAll(/`([^`]+)`/g), ([, code]) => code).join(', ');
    const rows = table
      .trim()
      .split('\n')
      .map((line): [string, Row] => {
        const [, key, type, value] = line.split('|').map((cell) => cell.trim());
        return [key.replaceAll('`', ''), { type, default: value }];
      });
    tables.set(name, new Map(rows));
  }
  return tables;
}

const documented = tablesOfPage();
const expected = tablesOfSchema(z.toJSONSchema(composeSchema(stages), { io: 'input' }) as Node);

test('docs/config.md has a table for each object of the schema, and no other', () => {
  assert.deepEqual([...documented.keys()].sort(), [...expected.keys()].sort());
});

for (const [name, rows] of expected) {
  test(`docs/config.md says of ${name === '' ? 'the top' : name} what the schema says`, () => {
    const found = new Map(
      Array.from(documented.get(name) ?? [], ([key, row]): [string, Row] => [
        key,
        // A pattern cannot be put in words: what the page says of it is left to its writer.
        { ...row, type: row.type.replace(/^text like .*/, 'text') },
      ]),
    );
    assert.deepEqual(found, rows);
  });
}

test('a key that the page leaves out, or says something else of, would be found', () => {
  const [[, rows]] = tablesOfSchema({
    properties: { top: { type: 'integer', minimum: 1, default: 3 }, of: { type: 'string' } },
    required: ['of'],
  });
  assert.deepEqual(Object.fromEntries(rows), {
    top: { type: 'whole number from 1', default: '`3`' },
    of: { type: 'text', default: 'required' },
  });
});
