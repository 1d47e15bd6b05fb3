/**
 * Runs the tests: all of them, or those whose path contains one of the arguments. Node's closing lines (how
 * many passed, how many failed) come last, also after a long list of failures. Scratch files of tests lie in one folder,
 * which goes with them, also if they fail or are interrupted.
 */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

/** Tests start workers and processes of their own, so few at a time. */
const CONCURRENCY = 2;
/** A file that hangs fails instead of holding up everything. */
const TIMEOUT_MS = 400_000;

const root = new URL('..', import.meta.url);
const wanted = process.argv.slice(2);
const files = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();
if (files.length === 0) {
  console.error(`no test file has a path with ${wanted.join(' or ')} in it`);
  process.exit(2);
}

const options = [
  '--test',
  `--test-concurrency=${CONCURRENCY}`,
  `--test-timeout=${TIMEOUT_MS}`,
  '--test-reporter=spec',
];
const scratch = mkdtempSync(join(tmpdir(), 'rankloom-tests-'));
const child = spawn(process.execPath, [...options, ...files], {
  cwd: root,
  stdio: ['inherit', 'pipe', 'inherit'],
  env: { ...process.env, TMPDIR: scratch, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
});

// A terminal interrupts the tests too: what is left to do is to wait for their end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));

const closing: string[] = [];
let isLast = false;
for await (const line of createInterface({ input: child.stdout })) {
  console.log(line);
  const isClosing = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(
    stripVTControlCharacters(line),
  );
  if (isClosing) closing.push(line);
  if (isClosing || line.trim() !== '') isLast = isClosing;
}
if (!isLast && closing.length > 0) console.log(`\n${closing.join('\n')}`);
const code = child.exitCode ?? (await new Promise<number | null>((exited) => child.on('exit', exited)));
try {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
} catch (error) {
  console.error(`scratch files stay: ${(error as Error).message}`);
}
process.exitCode = code ?? 1; // null: ended by a signal
