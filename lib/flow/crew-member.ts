/** The thread of one crew member: imports the module and does its share. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CrewWork } from './crew.ts';

const { module, data, index, count } = workerData;
const work = (await import(module)).default as CrewWork<unknown>;
await work(data, { index, count, post: (message) => parentPort!.postMessage(message) });
