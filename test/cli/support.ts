/** Runs the command line as a process of its own, in a folder that lives for one test. */
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const TOY = fileURLToPath(new URL('./toy/main.ts', import.meta.url));
const STUDY = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  /** Resolves when stderr holds the text. */
  shows(text: string): Promise<void>;
  interrupt(): void;
  readonly result: Promise<Result>;
}

export class Project {
  readonly dir: string;
  readonly #main: string;

  constructor(t: TestContext, main: 'toy' | 'study', files: Record<string, string> = {}) {
    this.dir = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-cli-')));
    this.#main = main === 'toy' ? TOY : STUDY;
    t.after(() => rmSync(this.dir, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text);
  }

  run(...args: string[]): Promise<Result> {
    return this.start(...args).result;
  }

  start(...args: string[]): Running {
    const { NO_COLOR: _, FORCE_COLOR: __, NODE_OPTIONS: ___, ...env } = process.env;
    const child = spawn(process.execPath, [this.#main, ...args], { cwd: this.dir, env });
    let stdout = '';
    let stderr = '';
    const waiting: { text: string; done: () => void }[] = [];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      for (const { text, done } of waiting) if (stderr.includes(text)) done();
    });
    return {
      pid: child.pid!,
      shows: (text) => new Promise((done) => (stderr.includes(text) ? done() : waiting.push({ text, done }))),
      interrupt: () => child.kill('SIGINT'),
      result: new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr }))),
    };
  }
}
