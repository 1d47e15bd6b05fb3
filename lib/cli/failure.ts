/** Display of errors, and the exit code of the process. */
import { type ErrorInfo, EXIT, exitCodeOf, toErrorInfo } from '../errors.ts';
import { note, out, paint } from './output/ui.ts';

/** Text of an error: message, expectation, place and advice, one under the other. */
export function renderError(error: ErrorInfo & { report?: string }): string {
  const lines = [`${red('error:')} ${indented(error.message)}`];
  if (error.expected !== undefined) lines.push(`  expected: ${indented(error.expected)}`);
  if (error.where !== undefined) lines.push(`  where: ${indented(error.where)}`);
  if (error.hint !== undefined) lines.push(`  hint: ${indented(error.hint)}`);
  const text = lines.join('\n');
  return error.report === undefined ? text : `${error.report}\n\n${text}`;
}

const red = (text: string) => paint(['bold', 'red'], text, process.stderr);
const indented = (text: string) => text.trimEnd().replaceAll('\n', '\n    ');

/** Shows the error that ended a command, and returns the exit code. */
export function reportFailure(error: unknown, { debug, json }: { debug: boolean; json: boolean }): number {
  const info = toErrorInfo(error);
  const report = (error as { report?: string }).report;
  if (json)
    out(JSON.stringify({ type: 'error', error: { ...info, stack: undefined, ...problemsOf(error) } }));
  if (info.kind !== 'internal') note(renderError({ ...info, report }));
  else note(renderError(asBug(info)));
  if (debug && info.stack !== undefined) note(`\n${info.stack}${causeOf(error)}`);
  if (isDiskFull(error)) return EXIT.store;
  return exitCodeOf(info.kind);
}

function problemsOf(error: unknown): object {
  const { problems } = error as { problems?: readonly object[] };
  return problems === undefined ? {} : { problems };
}

/** Presents an unforeseen error as a bug of the program, in short all the same. */
export function asBug(info: ErrorInfo): ErrorInfo {
  return {
    ...info,
    message: `internal error: ${info.message}`,
    hint: info.hint ?? 'this is a bug in rankloom; repeat with --debug for a stack trace and report it',
  };
}

function causeOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? `\ncaused by: ${cause.stack}` : '';
}

function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS'].includes((error as NodeJS.ErrnoException)?.code ?? '');
}
