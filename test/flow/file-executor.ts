/**
 * An executor as a cluster's would be: each task is a file that a process of its own reads, which writes its events and its
 * result to files. Nothing but these files and the store goes between the run and the task.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperationalError } from '../../lib/errors.ts';
import {
  type Executor,
  type MakeExecutor,
  passOn,
  type TaskOptions,
  type TaskRun,
} from '../../lib/flow/workers/executor.ts';
import type { Task, TaskEvent } from '../../lib/flow/workers/task.ts';

class FileExecutor implements Executor {
  readonly overheadBytes = 0; // none of it on this machine, if this were a cluster
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async run(task: Task, options: TaskOptions): Promise<TaskRun> {
    const folder = mkdtempSync(join(this.#folder, 'task-'));
    writeFileSync(join(folder, 'task.json'), JSON.stringify(task));
    const start = performance.now();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'file-worker.ts'), folder], {
      stdio: 'ignore',
      signal: options.signal,
    });
    const code = await new Promise((done, fail) => child.once('exit', done).once('error', fail)).catch(() => {
      throw new OperationalError('interrupted', 'interrupted');
    });
    if (code !== 0) throw new OperationalError('limit', `the task's process ended with ${code}`);
    const { result, peakRssBytes } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
    for (const line of readFileSync(join(folder, 'events.ndjson'), 'utf8').split('\n'))
      if (line !== '') passOn(JSON.parse(line) as TaskEvent, options);
    return { result, durationMs: performance.now() - start, peakRssBytes };
  }

  residentBytes(): number {
    return process.memoryUsage.rss();
  }
}

/** @param folder for the files, which stay there */
export const fileExecutor =
  (folder: string): MakeExecutor =>
  () =>
    new FileExecutor(folder);
