/**
 * Values that the threads of a run share, held by the main thread: names and shared memory, no data of its
 * own. The first thread that asks for a value makes it; the others wait for it.
 */
import type { MessagePort } from 'node:worker_threads';
import { never } from '../../errors.ts';
import { collectIfWorth, noteShared, sharedBytes } from '../../shared-memory.ts';

/** From a worker: it wants a value, it made it, or it failed to; or it has no more use for one. */
export type ShareRequest =
  | { readonly type: 'share'; readonly name: string }
  | { readonly type: 'shared'; readonly name: string; readonly value: unknown }
  | { readonly type: 'not-shared'; readonly name: string }
  | { readonly type: 'let-go'; readonly target: string; readonly name: string };

/** To a worker: the value, or the request to make it. */
export type ShareReply = { readonly target: string; readonly name: string } & (
  | { readonly make: true }
  | { readonly make: false; readonly value: unknown }
);

interface Entry {
  maker: MessagePort | undefined;
  made?: { value: unknown };
  /** Threads that have the value: with the last that lets go of it, it goes. One that died never does. */
  holders: number;
  readonly waiting: MessagePort[];
}

export class SharedValues {
  readonly #entries = new Map<string, Map<string, Entry>>();

  /** Handles a worker's message about a value of `target`, which is under way, or of one that it worked on before. */
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

  /** A task is over. If it was to make a value and did not, the next one that waits for it is to. */
  leave(target: string, port: MessagePort): void {
    for (const [name, entry] of this.#entries.get(target) ?? []) {
      const at = entry.waiting.indexOf(port);
      if (at >= 0) entry.waiting.splice(at, 1);
      if (entry.maker === port) passOn(entry, target, name);
    }
  }

  /** The target is done: its values go. */
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

  /** Removes one value of a target, or all; gives the bytes of shared memory in them. */
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
