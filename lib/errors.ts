/**
 * Errors with messages for users. Any other exception is a bug and is reported as one. Errors cross threads as plain data
 * (`ErrorInfo`), so that an error of a worker reaches the terminal complete.
 */
import { inspect, types } from 'node:util';

import { denied } from './permission.ts';

/** Exit codes of the process, by kind of failure. */
export const EXIT = {
  done: 0,
  stageFailed: 1,
  badInput: 2,
  verificationFailed: 3,
  locked: 4,
  store: 5,
  interrupted: 130,
} as const;

export type ErrorKind =
  | 'config'
  | 'data'
  | 'usage'
  | 'locked'
  | 'store'
  | 'interrupted'
  /** An action exceeded its time or memory limit. */
  | 'limit'
  /**
   * A stage violates its declaration: reads or writes something else, leaves outputs that cannot be stored, or produces other
   * bytes for the same key.
   */
  | 'impure'
  /** User code failed: a stage, encoding or config that is not part of rankloom. */
  | 'code'
  | 'internal';

export interface ErrorInfo {
  kind: ErrorKind;
  /** Message of one sentence: the problem, with the value that was found. */
  message: string;
  /** Description of a valid value. */
  expected?: string;
  /** Location: a file, a file:line:column, a path inside an HDF5 file, a cell and gene. */
  where?: string;
  /** Advice on what to do next, one or more lines. */
  hint?: string;
  stack?: string;
}

type Details = Pick<ErrorInfo, 'expected' | 'where' | 'hint'> & { cause?: unknown };

/** Error with a message for the user. */
export class OperationalError extends Error {
  readonly kind: ErrorKind;
  readonly expected?: string;
  readonly where?: string;
  readonly hint?: string;

  constructor(kind: ErrorKind, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'OperationalError';
    this.kind = kind;
    this.expected = details.expected;
    this.where = details.where;
    this.hint = details.hint;
  }
}

/** Error for unusable input data: exit code 2. */
export const dataError = (message: string, details?: Details) =>
  new OperationalError('data', message, details);

/** Error for an unusable config: exit code 2. */
export const configError = (message: string, details?: Details) =>
  new OperationalError('config', message, details);

/** Error for an unusable command line: exit code 2. */
export const usageError = (message: string, details?: Details) =>
  new OperationalError('usage', message, details);

/** Error for a failure of the store or the disk: exit code 5. */
export const storeError = (message: string, details?: Details) =>
  new OperationalError('store', message, details);

/** Error for a failure of user code: exit code 1. */
export const codeError = (message: string, details?: Details) =>
  new OperationalError('code', message, details);

/** Whether what was thrown is an error for the user. Never throws, whatever it is. */
export const isOperational = (error: unknown): error is OperationalError =>
  safely(() => error instanceof OperationalError, false);

/** Converts any thrown value to plain data. Never throws, even for values that are no errors or have no text form. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (isOperational(error)) {
    const { kind, message, expected, where, hint, stack } = error;
    return { kind, message, expected, where, hint, stack };
  }
  if (!isError(error)) return { kind: 'internal', message: `${shown(error)} was thrown, which is no error` };
  const stack = textOf(error, 'stack');
  const disk = diskProblems[textOf(error, 'code') ?? ''];
  if (disk !== undefined) return { kind: 'store', ...disk, where: textOf(error, 'path'), stack };
  const refused = safely(() => denied(error), undefined);
  if (refused !== undefined) return { kind: 'store', ...refused, stack };
  return { kind: 'internal', message: textOf(error, 'message') || nameOf(error) || 'an error', stack };
}

/** Whether a value is an error, including one of another realm or a clone from another thread. */
export const isError = (error: unknown): error is Error =>
  safely(() => types.isNativeError(error) || error instanceof Error, false);

/** Class name of an error, such as `TypeError`; empty if it has none. */
export const nameOf = (error: unknown): string => (isError(error) ? (textOf(error, 'name') ?? '') : '');

function textOf(error: object, key: string): string | undefined {
  const value = safely(() => (error as Record<string, unknown>)[key], undefined);
  return value === undefined ? undefined : typeof value === 'string' ? value : shown(value);
}

/** Text form of any value, made without calling its own methods. */
export function shown(value: unknown): string {
  const text = safely(
    () =>
      inspect(value, {
        depth: 1,
        breakLength: Infinity,
        customInspect: false,
        maxStringLength: 500,
        maxArrayLength: 10,
      }),
    'something',
  );
  // In one line, and of an error inside it not where that came from.
  const line = text.replaceAll(/\n +at .*/g, '').replaceAll(/\s*\n\s*/g, ' ');
  return line.length > 1000 ? `${line.slice(0, 1000)} …` : line;
}

function safely<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

const MAKE_ROOM =
  'make room, or keep the store on another disk with --store DIR; what is done is kept, and the next run goes on from there';

/** Disk failures, which are not bugs: system error code → message and hint. */
const diskProblems: Readonly<Record<string, { message: string; hint: string }>> = {
  ENOSPC: { message: 'the disk is full', hint: MAKE_ROOM },
  EDQUOT: { message: 'the disk quota is used up', hint: MAKE_ROOM },
  EROFS: { message: 'the file system is read-only', hint: 'keep the store elsewhere with --store DIR' },
  EIO: {
    message: 'the disk cannot be read or written (input/output error)',
    hint: 'check the disk and its cables or mounts',
  },
  EMFILE: { message: 'too many files are open', hint: 'raise the limit: ulimit -n 4096' },
  ENFILE: {
    message: 'too many files are open on this machine',
    hint: 'end other programs, or ask who runs it',
  },
  ENAMETOOLONG: {
    message: 'a name is too long for the file system',
    hint: 'choose shorter names in the config, or a store whose path is shorter (--store DIR)',
  },
  ESTALE: {
    message: 'a file of a network file system is no longer what it was',
    hint: 'check whether its server was restarted, then run again',
  },
};

export function fromErrorInfo(info: ErrorInfo): OperationalError {
  const error = new OperationalError(info.kind, info.message, info);
  if (info.stack !== undefined) error.stack = info.stack;
  return error;
}

/** Exit code for an error of this kind. */
export function exitCodeOf(kind: ErrorKind): number {
  switch (kind) {
    case 'config':
    case 'data':
    case 'usage':
      return EXIT.badInput;
    case 'locked':
      return EXIT.locked;
    case 'store':
      return EXIT.store;
    case 'interrupted':
      return EXIT.interrupted;
    case 'limit':
    case 'impure':
    case 'code':
    case 'internal':
      return EXIT.stageFailed;
    default:
      return never(kind);
  }
}

/**
 * Ends a switch over all members of a union: it does not compile while a member is missing, and throws at run time for a
 * value from a file that is none of them.
 */
export function never(value: never): never {
  throw new TypeError(`not expected: ${JSON.stringify(value)}`);
}
