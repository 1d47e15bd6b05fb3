/**
 * Capture of an action's printed output. It is reported line by line with the name of its target, so that it does not mix
 * with the output of the command line: data on stdout, or lines that are redrawn.
 */

const MOST_CHARACTERS = 64 * 1024;
const LONGEST_LINE = 2_000;

let tell: ((line: string) => void) | undefined;
let rest = '';
let characters = 0;
let isCapturing = false;

/** Redirects everything this thread prints to `onLine`, at most 64 thousand characters until the next call. */
export function capturePrints(onLine: (line: string) => void): void {
  tell = onLine;
  rest = '';
  characters = 0;
  if (isCapturing) return;
  isCapturing = true;
  for (const stream of [process.stdout, process.stderr]) stream.write = take as typeof stream.write;
}

/** Reports a last line without a line end. */
export function flushPrints(): void {
  if (rest !== '') say(rest);
  rest = '';
}

type Done = (error?: Error | null) => void;

function take(chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean {
  const code = typeof encoding === 'string' ? encoding : 'utf8';
  const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
  // With an encoding such as hex, the string must be decoded first.
  const lines = (
    rest + (code === 'utf8' || typeof chunk !== 'string' ? text : Buffer.from(text, code).toString())
  ).split(/\r?\n/);
  rest = lines.pop()!.slice(-LONGEST_LINE);
  for (const line of lines) say(line);
  const callback = typeof encoding === 'function' ? encoding : done;
  if (callback !== undefined) process.nextTick(callback);
  return true;
}

function say(line: string): void {
  if (characters > MOST_CHARACTERS) return;
  const text = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line;
  characters += text.length + 1;
  tell?.(characters > MOST_CHARACTERS ? '… (what it prints after this is left out)' : text);
}
