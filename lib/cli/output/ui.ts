/** Where the command line writes: data to stdout, everything else to stderr. */
import { isAbsolute, relative } from 'node:path';
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Writes data. */
export function out(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes what is not data: progress, notes, errors. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Colours text for a stream; leaves it plain for pipes, NO_COLOR and --no-color. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** Nobody reads any more: a pipe was closed, or a terminal. */
const GONE = ['EPIPE', 'EIO', 'ENXIO', 'EBADF', 'ECONNRESET', 'ENOTCONN', 'ERR_STREAM_DESTROYED'];

let lost: NodeJS.ErrnoException | undefined;

/**
 * That something cannot be printed ends no command. A reader such as `head` may close the pipe, and a terminal may
 * go away: then the rest is written to nobody, without a complaint. Messages that a full disk does not take are lost;
 * of data it is told in the end: see `lostOutput`.
 */
export function tolerateLostStreams(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code ?? '')) lost ??= error;
  });
}

/** Why data that was to go to stdout did not, although somebody keeps it: it went to a file on a full disk, say. */
export const lostOutput = (): NodeJS.ErrnoException | undefined => lost;

/** Columns of the terminal that data go to; undefined for a pipe, which takes lines of any length. */
export function outWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
}

/** A path as people read it: relative if it lies here or below. */
export function shownPath(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith('..') || isAbsolute(here) || here === '' ? path : here;
}
