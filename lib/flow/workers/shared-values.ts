/**
 * Values shared by the threads of a run, managed by the main thread, which holds names and shared memory but no data of its
 * own. The first thread that asks for a value makes it; the others wait for it.
 */
import type { MessagePort } from 'node:worker_threads';
import { never } from '../../errors.ts';
import { collectIfWorth, noteShared, sharedBytes } from '../../shared-memory.ts';

/** Message from a worker: it requests a value, has made it, failed to make it, or no longer needs it. */
export type ShareRequest =
  | { readonly type: 'share'; readonly name: string }
  | { readonly type: 'shared'; readonly name: string; readonly value: unknown }
  | { readonly type: 'not-shared'; readonly name: string }
  | { readonly type: 'let-go'; readonly target: string; readonly name: string };

/** Message to a worker: the value, or the request to make it. */
export type ShareReply = { readonly target: string; readonly name: string } & (
  | { readonly make: true }
  | { readonly make: false; readonly value: unknown }
);

interface Entry {
  maker: MessagePort | undefined;
  made?: { value: unknown };
  /** Number of threads that hold the value; it is removed when the last one releases it. A thread that died never does. */
  holders: number;
  readonly waiting: MessagePort[];
}

export class SharedValues {
  readonly #entries = new Map<string, Map<string, Entry>>();

  /** Handles a worker's message about a value of its current `target`, or about releasing one of an earlier target. */
  handle(target: string, request: ShareRequest, port: MessagePort): void {
    if (request.type === 'let-go') {
      this.#letGo(request.target, request.name);
      return;
    }
    const entries = this.#entries.get(target) ?? new Map<string, Entry>();
    this.#entries.set(target, entries);
    const { name } = request;
    const entry = entries.get(name) ?? { maker: undefined, holders: 0, waiting: [] };
    entries.set(name, entry);
    switch (request.type) {
      case 'share':
        if (entry.made !== undefined) give(entry, port, target, name);
        else if (entry.maker !== undefined) entry.waiting.push(port);
        else appoint(entry, port, target, name);
        return;
      case 'shared':
        entry.made = { value: request.value };
        entry.maker = undefined;
        entry.holders++;
        for (const waiting of entry.waiting.splice(0)) give(entry, waiting, target, name);
        return;
      case 'not-shared':
        passOn(entry, target, name);
        return;
      default:
        never(request);
    }
  }

  /** Removes a task that has ended. If it did not make a value it was asked for, the next waiting task must make it. */
  leave(target: string, port: MessagePort): void {
    for (const [name, entry] of this.#entries.get(target) ?? []) {
      const at = entry.waiting.indexOf(port);
      if (at >= 0) entry.waiting.splice(at, 1);
      if (entry.maker === port) passOn(entry, target, name);
    }
  }

  /** Removes the values of a target that is done. */
  drop(target: string): void {
    noteShared(this.#remove(target));
    collectIfWorth();
  }

  #letGo(target: string, name: string): void {
    const entry = this.#entries.get(target)?.get(name);
    if (entry?.made === undefined || --entry.holders > 0) return;
    noteShared(this.#remove(target, name));
    collectIfWorth();
  }

  /** Removes one value of a target, or all. Returns the bytes of shared memory in them. */
  #remove(target: string, name?: string): number {
    const entries = this.#entries.get(target) ?? new Map<string, Entry>();
    const removed = name === undefined ? [...entries.keys()] : [name];
    const bytes = sharedBytes(...removed.map((one) => entries.get(one)?.made?.value));
    for (const one of removed) entries.delete(one);
    if (entries.size === 0) this.#entries.delete(target);
    return bytes;
  }
}

function passOn(entry: Entry, target: string, name: string): void {
  entry.maker = undefined;
  const next = entry.waiting.shift();
  if (next !== undefined) appoint(entry, next, target, name);
}

function appoint(entry: Entry, port: MessagePort, target: string, name: string): void {
  entry.maker = port;
  reply(port, { target, name, make: true });
}

function give(entry: Entry, port: MessagePort, target: string, name: string): void {
  entry.holders++;
  reply(port, { target, name, make: false, value: entry.made!.value });
}

function reply(port: MessagePort, message: ShareReply): void {
  port.postMessage(message);
}
