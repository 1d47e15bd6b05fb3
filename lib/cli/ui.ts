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

/** A reader such as `head` may close the pipe: then the rest is written to nobody, without a complaint. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Columns of the terminal that data go to; undefined for a pipe, which takes lines of any length. */
export function outWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
}

/** A path as people read it: relative if it lies here or below. */
export function shownPath(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith('..') || isAbsolute(here) || here === '' ? path : here;
}
