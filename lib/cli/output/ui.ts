/** Output of the command line: data to stdout, everything else to stderr. */
import { isAbsolute, relative } from 'node:path';
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Writes data. */
export function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes everything that is not data: progress, notes, errors. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Colours text for a stream; leaves it plain for pipes, NO_COLOR and --no-color. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** Error codes of a stream whose reader is gone: a pipe was closed, or a terminal. */
const GONE = ['EPIPE', 'EIO', 'ENXIO', 'EBADF', 'ECONNRESET', 'ENOTCONN', 'ERR_STREAM_DESTROYED'];

let lost: NodeJS.ErrnoException | undefined;

/**
 * Keeps commands running when something cannot be printed. A reader such as `head` may close the pipe, and a terminal may
 * go away: the rest is then dropped without a complaint. Messages that do not fit on a full disk are lost; lost data is
 * reported at the end: see `lostOutput`.
 */
export function tolerateLostStreams(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code ?? '')) lost ??= error;
  });
}

/** Error that kept data from stdout although it has a reader: a file on a full disk, say. */
export const lostOutput = (): NodeJS.ErrnoException | undefined => lost;

/** Number of columns of the terminal that data go to; undefined for a pipe, which takes lines of any length. */
export function outWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
}

/** Path for people: relative if it lies here or below. */
export function shownPath(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith('..') || isAbsolute(here) || here === '' ? path : here;
}
