/** The cache of a worker, from one action to the next: values that are costly to make, its own and shared ones. */
import { createHash } from 'node:crypto';
import { collectIfWorth, noteShared, sharedBytes } from '../../shared-memory.ts';
import type { ShareReply } from './shared-values.ts';
import type { Task } from './task.ts';
import type { ThreadMessage, ThreadTask } from './thread-protocol.ts';

export interface WorkerCache {
  /** See `Context`. */
  keep<T>(name: string, make: () => Promise<T>): Promise<T>;
  shared<T>(name: string, make: () => Promise<T>): Promise<T>;
  forget(name: string): void;
}

interface Kept {
  readonly promise: Promise<unknown>;
  value?: unknown;
  /** Of a shared value: the target that it belongs to, and its name there. */
  shared?: { readonly target: string; readonly name: string };
  /** What was made where outputs of parts are seen is nothing for a part, which sees none. */
  readonly sawRounds: boolean;
}

/** Dropped as soon as another stage comes along, other code of an instance, other inputs, or anything else that counts. */
let kept: { scope: string; values: Map<string, Kept> } = { scope: '', values: new Map() };

type Say = (message: ThreadMessage) => void;
const sharedName = (name: string) => `shared ${name}`;

/** For a task of a process of its own: what would be shared is kept. */
export function ownCache(task: Task): WorkerCache {
  const keep = keeping(task);
  return { keep, shared: (name, make) => keep(sharedName(name), make), forget: (name) => forget(name) };
}

/** For a task of a thread: asks the main thread, which either has a shared value or wants it made here. */
export function threadCache(task: ThreadTask): WorkerCache {
  const say = (message: ThreadMessage) => task.port.postMessage(message);
  const keep = keeping(task, say);
  const scope = createHash('sha256').update(scopeOf(task)).digest('hex').slice(0, 16);
  const answers = new Map<string, (reply: ShareReply) => void>();
  let listening = false;
  const ask = async <T>(own: string, make: () => Promise<T>): Promise<T> => {
    const name = `${scope} ${own}`; // parts that see other inputs share other values
    if (!listening) task.port.on('message', (reply: ShareReply) => answers.get(reply.name)?.(reply));
    listening = true;
    const answer = new Promise<ShareReply>((done) => answers.set(name, done));
    say({ type: 'share', name });
    const reply = await answer;
    const mark = () => {
      const entry = kept.values.get(sharedName(own));
      if (entry !== undefined) entry.shared = { target: reply.target, name };
    };
    if (!reply.make) {
      noteShared(sharedBytes(reply.value));
      mark();
      return reply.value as T;
    }
    try {
      const value = await make();
      say({ type: 'shared', name, value });
      mark();
      return value;
    } catch (error) {
      say({ type: 'not-shared', name });
      throw error;
    }
  };
  return {
    keep,
    shared: (name, make) => keep(sharedName(name), () => ask(name, make)),
    forget: (name) => forget(name, say),
  };
}

/** All that a value may depend on that is kept from one part to the next. */
function scopeOf({ module, identity, code, params, seed, inputs }: Task): string {
  const hashes = Object.entries(inputs).map(([slot, input]) => [slot, [input].flat().map((i) => i.hash)]);
  return JSON.stringify([module, identity, code, params, seed, hashes]);
}

function keeping(task: Task, say?: Say): WorkerCache['keep'] {
  const scope = scopeOf(task);
  const sawRounds = task.rounds.length > 0;
  if (kept.scope !== scope) {
    drop([...kept.values.keys()], say);
    kept = { scope, values: new Map() };
  }
  const { values } = kept;
  return <T>(name: string, make: () => Promise<T>): Promise<T> => {
    const known = values.get(name);
    if (known !== undefined && (sawRounds || !known.sawRounds)) return known.promise as Promise<T>;
    if (known !== undefined) drop([name], say);
    const promise = make();
    const entry: Kept = { promise, sawRounds };
    values.set(name, entry);
    promise.then(
      (value) => {
        entry.value = value;
      },
      () => values.delete(name),
    );
    return promise;
  };
}

const forget = (name: string, say?: Say) => drop([name, sharedName(name)], say);

function drop(names: readonly string[], say?: Say): void {
  // Apart, so that nothing here still holds a value when garbage is collected.
  noteShared(bytesOf(takeOut(names, say)));
  collectIfWorth();
}

function takeOut(names: readonly string[], say?: Say): Kept[] {
  const out: Kept[] = [];
  for (const name of names) {
    const entry = kept.values.get(name);
    if (entry === undefined) continue;
    kept.values.delete(name);
    out.push(entry);
    if (entry.shared !== undefined) say?.({ type: 'let-go', ...entry.shared });
  }
  return out;
}

const bytesOf = (entries: readonly Kept[]) => sharedBytes(...entries.map(({ value }) => value));
