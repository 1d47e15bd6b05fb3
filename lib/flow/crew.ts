/**
 * Several threads on one action, over shared memory: for work that cannot be cut into independent parts, such
 * as the epochs of a layout. How many there are must not show in the bytes.
 */
import { channel } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';

/** What a member of a crew is told besides its data. */
export interface CrewMember {
  /** 0 … count − 1. */
  readonly index: number;
  readonly count: number;
  /** Says something to the action that started the crew. */
  post(message: unknown): void;
}

/** Runs the default export of a module on several threads: `Context.crew` of a stage. */
export type Crew = (module: string, data: unknown, onMessage?: (message: unknown) => void) => Promise<void>;

/** The default export of a crew's module. */
export type CrewWork<T> = (data: T, member: CrewMember) => void | Promise<void>;

/**
 * Starts `count` threads on a module, waits for all, and ends the others if one fails. `data` is cloned, but
 * for shared buffers and memories, which stay one.
 */
export async function runCrew(
  module: string,
  data: unknown,
  count: number,
  onMessage: (message: unknown, index: number) => void = () => {},
): Promise<void> {
  const members = Array.from({ length: count }, (_, index) => {
    const workerData = { module, data, index, count };
    return new Worker(new URL('./crew-member.ts', import.meta.url), { workerData });
  });
  try {
    await Promise.all(
      members.map(
        (worker, index) =>
          new Promise<void>((done, fail) => {
            worker.on('message', (message) => onMessage(message, index));
            worker.once('error', (error) => {
              passOnRefusal(error);
              fail(error);
            });
            worker.once('exit', (code) =>
              code === 0 ? done() : fail(new Error(`a crew thread ended with ${code}`)),
            );
          }),
      ),
    );
  } finally {
    await Promise.all(members.map((worker) => worker.terminate()));
  }
}

/** What a member was refused is told where the refusals of its action are gathered: see process-worker.ts. */
function passOnRefusal(error: Error): void {
  const { code, permission, resource } = error as Error & Record<'code' | 'permission' | 'resource', unknown>;
  if (code === 'ERR_ACCESS_DENIED') channel('node:permission-model:fs').publish({ permission, resource });
}
