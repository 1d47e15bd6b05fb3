/** Thread of an action's parallel regions: imports modules on request, and does its share of one call after the other. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { collectIfWorth, noteShared, sharedBytes, WORTH_BETWEEN_STEPS } from '../../shared-memory.ts';
import { systemThread } from '../processes/child-processes.ts';
import type { Order, Report, TeamMember, TeamWork } from './parallel-work.ts';

const { index, count } = workerData as Pick<TeamMember, 'index' | 'count'>;
const say = (report: Report) => parentPort!.postMessage(report);
const member: TeamMember = { index, count, post: (message) => say({ type: 'said', message }) };

const system = systemThread();
if (system !== undefined) say({ type: 'thread', system });

parentPort!.on('message', (order: Order) => {
  if (order.type === 'import') {
    import(order.module).catch(() => {}); // the later `work` order reports the error
    return;
  }
  work(order)
    .then(letGo)
    .catch((error) => {
      // Rethrow as an uncaught exception, which ends the thread.
      process.nextTick(() => {
        throw error;
      });
    });
});

async function work({ module, data }: Extract<Order, { type: 'work' }>): Promise<void> {
  const run = (await import(module)).default as TeamWork<unknown>;
  await run(data, member);
  noteShared(sharedBytes(data));
}

/** Reports the end of the work in the next turn, when nothing in this thread references the data any more. */
async function letGo(): Promise<void> {
  await nextTurn();
  collectIfWorth(WORTH_BETWEEN_STEPS);
  say({ type: 'done' });
}
