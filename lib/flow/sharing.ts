/**
 * Values that the threads of a run share, held by the main thread: names and shared memory, no data of its
 * own. The first thread that asks for a value makes it; the others wait for it.
 */
import type { MessagePort } from 'node:worker_threads';

/** From a worker: it wants a value, it made it, or it failed to. */
export type ShareRequest =
  | { readonly type: 'share'; readonly name: string }
  | { readonly type: 'shared'; readonly name: string; readonly value: unknown }
  | { readonly type: 'not-shared'; readonly name: string };

/** To a worker: the value, or the request to make it. */
export type ShareReply =
  | { readonly name: string; readonly make: true }
  | { readonly name: string; readonly make: false; readonly value: unknown };

interface Entry {
  maker: MessagePort | undefined;
  made?: { value: unknown };
  readonly waiting: MessagePort[];
}

export class Sharing {
  readonly #entries = new Map<string, Map<string, Entry>>();

  /** A worker's message about a value of `owner` (a target under way). */
  handle(owner: string, request: ShareRequest, port: MessagePort): void {
    const entries = this.#entries.get(owner) ?? new Map<string, Entry>();
    this.#entries.set(owner, entries);
    const { name } = request;
    const entry = entries.get(name) ?? { maker: undefined, waiting: [] };
    entries.set(name, entry);
    switch (request.type) {
      case 'share':
        if (entry.made !== undefined) reply(port, { name, make: false, value: entry.made.value });
        else if (entry.maker !== undefined) entry.waiting.push(port);
        else this.#appoint(entry, name, port);
        return;
      case 'shared':
        entry.made = { value: request.value };
        entry.maker = undefined;
        for (const waiting of entry.waiting.splice(0))
          reply(waiting, { name, make: false, value: request.value });
        return;
      case 'not-shared':
        this.#passOn(entry, name);
        return;
    }
  }

  /** A task is over. If it was to make a value and did not, the next one that waits for it is to. */
  leave(owner: string, port: MessagePort): void {
    for (const [name, entry] of this.#entries.get(owner) ?? []) {
      const at = entry.waiting.indexOf(port);
      if (at >= 0) entry.waiting.splice(at, 1);
      if (entry.maker === port) this.#passOn(entry, name);
    }
  }

  /** The target is done: its values go. */
  drop(owner: string): void {
    this.#entries.delete(owner);
  }

  #passOn(entry: Entry, name: string): void {
    entry.maker = undefined;
    const next = entry.waiting.shift();
    if (next !== undefined) this.#appoint(entry, name, next);
  }

  #appoint(entry: Entry, name: string, port: MessagePort): void {
    entry.maker = port;
    reply(port, { name, make: true });
  }
}

function reply(port: MessagePort, message: ShareReply): void {
  port.postMessage(message);
}
