/** Translation of zod's issues into problems in the words of the config. */
import type { z } from 'zod';
import type { ConfigProblem } from '../flow/stage.ts';
import { formatPath, type Path, valueAt } from './path.ts';
import { expectation, knownKeys, optionFits } from './schema.ts';

/** Problem with the config and its path, but not yet its place in a file. */
export interface Problem {
  readonly path: Path;
  /** Part that the squiggle underlines. */
  readonly at: 'key' | 'value';
  readonly message: string;
  /** Description in words of a value that would be accepted. */
  readonly expected?: string;
  /** Names that would be accepted; `knownAs` says what they are names of. */
  readonly known?: readonly string[];
  readonly knownAs?: string;
  /** Name that was found; the nearest known one is suggested. */
  readonly found?: string;
}

type Issue = z.core.$ZodIssue;

export function problemsOf(schema: z.ZodType, value: unknown): Problem[] {
  const result = schema.safeParse(value);
  return result.success ? [] : explainIssues(result.error.issues, schema, value);
}

/**
 * Converts zod's issues into problems.
 *
 * @param renamed former names of config keys → their names now
 */
export function explainIssues(
  issues: readonly Issue[],
  schema: z.ZodType,
  root: unknown,
  renamed: Readonly<Record<string, string>> = {},
): Problem[] {
  return issues.flatMap((issue) => explain(issue, { schema, root, renamed }));
}

/** Converts a problem that a stage's own check found. */
export function explainCheck(problem: ConfigProblem, root: unknown): Problem {
  const { path, message, known } = problem;
  const value = valueAt(root, path);
  return { path, at: 'value', message, known, found: typeof value === 'string' ? value : undefined };
}

interface Context {
  readonly schema: z.ZodType;
  readonly root: unknown;
  readonly renamed?: Readonly<Record<string, string>>;
}

function explain(issue: Issue, context: Context): Problem[] {
  const path = issue.path as Path;
  const { schema, root, renamed = {} } = context;
  const value = valueAt(root, path);
  const name = formatPath(path) || 'the config';

  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path, root);
    const inside = path.length === 0 ? '' : ` in ${name}`;
    return issue.keys.map((key): Problem => {
      if (path.length === 0 && Object.hasOwn(renamed, key)) {
        const message = `"${key}" is the old name of a key, which is now called "${renamed[key]}"`;
        return { path: [key], at: 'key', message, expected: `${renamed[key]}: …` };
      }
      return {
        path: [...path, key],
        at: 'key',
        message: `unknown key "${key}"${inside}`,
        known,
        knownAs: 'keys',
        found: key,
      };
    });
  }
  if (value === undefined) {
    const expected =
      issue.code === 'invalid_union' && issue.errors.length === 0
        ? oneOf(discriminatorValues(issue))
        : expectation(schema, path, root);
    return [{ path, at: 'value', message: `${name} is missing`, expected }];
  }
  if (issue.code === 'invalid_union') return explainUnion(issue, path, context);
  if (issue.code === 'invalid_key') {
    return [{ path, at: 'key', message: `the name ${show(path.at(-1))} cannot be used: ${nameRule(issue)}` }];
  }
  if (!/^(Invalid|Too (small|big)|Unrecognized)\b/.test(issue.message)) {
    // The schema's author wrote a better message than zod's.
    const message =
      issue.code === 'custom' || path.length === 0 ? issue.message : `${name}: ${issue.message}`;
    const known = issue.code === 'custom' ? namesOf(issue.params?.known) : undefined;
    return [{ path, at: 'value', message, known, found: typeof value === 'string' ? value : undefined }];
  }
  if (issue.code === 'invalid_value') return [unknownValue(path, value, issue.values)];
  return [
    {
      path,
      at: 'value',
      message: `${name}: expected ${expected(issue, context)}, found ${found(issue, value)}`,
    },
  ];
}

/** A list of names, if it is one: the author of a schema may give anything. */
const namesOf = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((name) => typeof name === 'string') ? value : undefined;

function expected(issue: Issue, { schema, root }: Context): string {
  const words = expectation(schema, issue.path as Path, root);
  if (words?.startsWith('a list of')) return words; // a tuple: its length is all that can be wrong with its size
  switch (issue.code) {
    case 'too_small':
      return bound(issue, 'at least', 'more than', issue.minimum);
    case 'too_big':
      return bound(issue, 'at most', 'less than', issue.maximum);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.pattern === undefined ? issue.format : `text like ${issue.pattern}`;
    default:
      return words ?? issue.message;
  }
}

function bound(
  issue: { origin: string; inclusive?: boolean },
  inclusive: string,
  exclusive: string,
  limit: number | bigint,
): string {
  const words = `${issue.inclusive === false ? exclusive : inclusive} ${limit}`;
  if (issue.origin === 'array' || issue.origin === 'set') return `${words} item${limit === 1 ? '' : 's'}`;
  if (issue.origin === 'string') return `${words} character${limit === 1 ? '' : 's'}`;
  return words;
}

function found(issue: Issue, value: unknown): string {
  const sized = issue.code === 'too_small' || issue.code === 'too_big';
  return sized && Array.isArray(value) ? String(value.length) : show(value);
}

function unknownValue(path: Path, value: unknown, values: readonly unknown[]): Problem {
  const name = formatPath(path);
  if (typeof value !== 'string' || !values.every((v) => typeof v === 'string')) {
    return { path, at: 'value', message: `${name}: expected ${oneOf(values)}, found ${show(value)}` };
  }
  return {
    path,
    at: 'value',
    message: `unknown ${name} "${value}"`,
    known: values as string[],
    found: value,
  };
}

function nameRule(issue: Issue & { code: 'invalid_key' }): string {
  const [inner] = issue.issues;
  if (inner?.code === 'invalid_format' && inner.message.startsWith('Invalid'))
    return `names are like ${inner.pattern}`;
  return inner?.message ?? issue.message;
}

type UnionIssue = Issue & { code: 'invalid_union' };

/** Explains only the errors of the branch that was meant; those of the others are of no use. */
function explainUnion(issue: UnionIssue, path: Path, context: Context): Problem[] {
  const value = valueAt(context.root, path);
  if (issue.errors.length === 0) return [unknownValue(path, value, discriminatorValues(issue))];
  const branches = issue.errors as Issue[][];
  const fits = optionFits(context.schema, path, context.root);
  const ranked = branches.map((issues, i) => ({ issues, distance: [-(fits[i] ?? 0), ...distances(issues)] }));
  const best = ranked.toSorted((a, b) => compare(a.distance, b.distance))[0].issues;
  const wrongKind = best.find((i) => i.path.length === 0 && isMismatch(i));
  if (wrongKind !== undefined) {
    const literals = branches.flatMap((b) => b.flatMap((i) => (i.code === 'invalid_value' ? i.values : [])));
    const onlyLiterals = branches.every((b) =>
      b.every((i) => i.code === 'invalid_value' && i.path.length === 0),
    );
    if (onlyLiterals) return [unknownValue(path, value, literals)];
    const name = formatPath(path) || 'the config';
    const words = expectation(context.schema, path, context.root);
    return [{ path, at: 'value', message: `${name}: expected ${words}, found ${show(value)}` }];
  }
  const literal = best.find((i) => i.path.length === 1 && i.code === 'invalid_value');
  if (literal !== undefined) {
    const [key] = literal.path as Path;
    const values = branches.flatMap((b) =>
      b.flatMap((i) =>
        i.code === 'invalid_value' && i.path.length === 1 && i.path[0] === key ? i.values : [],
      ),
    );
    const at = [...path, key];
    if (valueAt(context.root, at) === undefined)
      return [{ path: at, at: 'value', message: `${formatPath(at)} is missing`, expected: oneOf(values) }];
    return [unknownValue(at, valueAt(context.root, at), [...new Set(values)])];
  }
  return best.flatMap((inner) => explain({ ...inner, path: [...path, ...inner.path] } as Issue, context));
}

/** Known kinds of a union that is discriminated by one key. */
function discriminatorValues(issue: UnionIssue): readonly unknown[] {
  return 'options' in issue ? (issue.options ?? []) : [];
}

/** Distance of a union's branch from the written value, as several counts, coarsest first. */
function distances(issues: Issue[]): number[] {
  return [
    issues.filter((i) => i.path.length === 0 && isMismatch(i)).length,
    issues.filter((i) => i.path.length === 1 && i.code === 'invalid_value').length,
    issues.filter((i) => i.code === 'unrecognized_keys').length,
    issues.length,
  ];
}

function isMismatch(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

function oneOf(values: readonly unknown[]): string {
  const words = [...new Set(values)].map((v) => JSON.stringify(v));
  return words.length === 1 ? words[0] : `one of ${words.join(', ')}`;
}

/** Text of a value for a message. */
function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  return String(value);
}
