/**
 * A process that runs one action under Node's permission model, and what it was refused. A stage may catch a refusal
 * and go on without (`existsSync` does); that is an undeclared read all the same.
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

/** `FileSystemRead` of a path, for one. */
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

// What Emscripten made for Node (h5wasm) asks for constants by a way that the permission model closes as a whole.
Object.assign(process, {
  binding(name: string): object {
    if (name === 'constants') return { fs: fsConstants, os: osConstants };
    throw new Error(`process.binding('${name}') is not to be had in a hermetic run`);
  },
});

// The run is gone, and with it all use for the result.
process.on('disconnect', () => process.exit());

process.once('message', async (task: Task) => {
  const say = (message: ProcessMessage) => {
    if (process.connected) process.send!(message);
  };
  const abort = new AbortController();
  process.on('message', ({ type }: Partial<AbortRequest>) => type === 'abort' && abort.abort());
  // Written at once: a message would not be sent any more.
  guardProcess((error) => writeSync(2, `${error.stack}\n`));
  const result = await perform(task, { onEvent: say, cache: ownCache(task), signal: abort.signal });
  process.send!({ type: 'result', result, refused } satisfies ProcessMessage, () => process.disconnect());
});
