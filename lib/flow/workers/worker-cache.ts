/** Cache of a worker between actions, for values that are expensive to make: its own and shared ones. */
import { createHash } from 'node:crypto';
import { collectIfWorth, noteShared, sharedBytes } from '../../shared-memory.ts';
import type { ShareReply } from './shared-values.ts';
import type { Task } from './task.ts';
import type { ThreadMessage, ThreadTask } from './thread-protocol.ts';

export interface WorkerCache {
  /** Functions of `Context`. */
  keep<T>(name: string, make: () => Promise<T>): Promise<T>;
  shared<T>(name: string, make: () => Promise<T>): Promise<T>;
  forget(name: string): void;
}

interface Kept {
  readonly promise: Promise<unknown>;
  value?: unknown;
  /** Target and name of a shared value; absent for any other value. */
  shared?: { readonly target: string; readonly name: string };
  /** True if the value was made by an action that sees outputs of parts; parts, which see none, must not use it. */
  readonly sawRounds: boolean;
}

/** Values kept in this thread; dropped when the scope (stage, code, params, seed, inputs) changes. */
let kept: { scope: string; values: Map<string, Kept> } = { scope: '', values: new Map() };

type Say = (message: ThreadMessage) => void;
const sharedName = (name: string) => `shared ${name}`;

/** Cache of a task in a separate process: shared values are kept like own ones. */
export function ownCache(task: Task): WorkerCache {
  const keep = keeping(task);
  return { keep, shared: (name, make) => keep(sharedName(name), make), forget: (name) => forget(name) };
}

/** Cache of a task in a thread: asks the main thread, which has the shared value or asks this thread to make it. */
export function threadCache(task: ThreadTask): WorkerCache {
  const say = (message: ThreadMessage) => task.port.postMessage(message);
  const keep = keeping(task, say);
  const scope = createHash('sha256').update(scopeOf(task)).digest('hex').slice(0, 16);
  const answers = new Map<string, (reply: ShareReply) => void>();
  let listening = false;
  const ask = async <T>(own: string, make: () => Promise<T>): Promise<T> => {
    const name = `${scope} ${own}`; // parts with different inputs do not share values
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

/** Everything that a value kept between parts may depend on, as text. */
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
  // In a separate function, so that no local variable references a value when garbage is collected.
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
