/**
 * Entry point of a process that runs one action under Node's permission model, and records denied accesses. A stage may
 * ignore a denial (`existsSync` does), but it is an undeclared read all the same.
 */

import { subscribe } from 'node:diagnostics_channel';
import { constants as fsConstants, writeSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { guardProcess } from './guards.ts';
import { perform } from './perform.ts';
import type { AbortRequest, Task, TaskEvent, TaskResult } from './task.ts';
import { ownCache } from './worker-cache.ts';

export type ProcessMessage =
  | TaskEvent
  | { readonly type: 'result'; readonly result: TaskResult; readonly refused: readonly Refusal[] };

/** Denied access, such as `FileSystemRead` of a path. */
export interface Refusal {
  readonly permission: string;
  readonly resource: string;
}

const refused: Refusal[] = [];
const isProbe = (path: string) => /(^|\/)(package\.json|node_modules)$/.test(path);

subscribe('node:permission-model:fs', (message) => {
  const { permission, resource } = message as Refusal;
  if (!isProbe(resource)) refused.push({ permission, resource });
});

// Emscripten code for Node (h5wasm) reads constants by `process.binding`, which the permission model denies altogether.
Object.assign(process, {
  binding(name: string): object {
    if (name === 'constants') return { fs: fsConstants, os: osConstants };
    throw new Error(`process.binding('${name}') is not to be had in a hermetic run`);
  },
});

// The run has ended, so the result is no longer needed.
process.on('disconnect', () => process.exit());

process.once('message', async (task: Task) => {
  const say = (message: ProcessMessage) => {
    if (process.connected) process.send!(message);
  };
  const abort = new AbortController();
  process.on('message', ({ type }: Partial<AbortRequest>) => type === 'abort' && abort.abort());
  // Written synchronously: an IPC message would not be sent any more.
  guardProcess((error) => writeSync(2, `${error.stack}\n`));
  const result = await perform(task, { onEvent: say, cache: ownCache(task), signal: abort.signal });
  process.send!({ type: 'result', result, refused } satisfies ProcessMessage, () => process.disconnect());
});
