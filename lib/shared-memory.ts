/**
 * Memory that V8 does not count. A SharedArrayBuffer or shared WebAssembly.Memory belongs to no thread, so a thread that
 * lets go of one feels no need to collect garbage, and every thread that ever saw it has to, the main thread too. So
 * each notes what it takes and what it lets go of, and asks for a collection when that is worth its time: 10 to 40 ms.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const WORTH_BYTES = 32 << 20;
/** Between the steps of an action, which is over soon and whose threads all have to collect. */
export const WORTH_BETWEEN_STEPS = 256 << 20;

/** Noted in this thread since it last collected. */
let noted = 0;
let collector: (() => void) | undefined;

/** Notes shared memory that this thread took or let go of. */
export function noteShared(bytes: number): void {
  noted += bytes;
}

/**
 * Collects this thread's garbage if enough shared memory may be in it. Tells whether it did.
 *
 * @param worthBytes how much is enough
 */
export function collectIfWorth(worthBytes = WORTH_BYTES): boolean {
  if (noted < worthBytes) return false;
  collect();
  return true;
}

/** What this thread held when it last collected: what it keeps is not to be collected over and over. */
let heldBytes = 0;
/** A collection takes some hundredths of a second. */
const GROWN_BYTES = 96 << 20;

/**
 * Collects this thread's garbage, shared memory or not, if its heap and buffers have grown by much since it last did. An
 * action that is over is to hold nothing: V8 would leave it until the thread wants memory again, while
 * another action waits for room. Returns what heap and buffers held before, in bytes.
 */
export function collectIfGrown(): number {
  const before = bytesHeld();
  if (before - heldBytes < GROWN_BYTES && noted < WORTH_BYTES) return before;
  collect();
  heldBytes = bytesHeld();
  return before;
}

function bytesHeld(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function collect(): void {
  noted = 0;
  if (collector === undefined) {
    // There is no other way to it in a thread that is under way. Only contexts made from now on have the function.
    setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc') as () => void;
  }
  collector();
}

/** Bytes of the shared memories in plain data, each counted once. */
export function sharedBytes(...values: readonly unknown[]): number {
  const seen = new Set<unknown>();
  let bytes = 0;
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof SharedArrayBuffer) bytes += value.byteLength;
    else if (value instanceof WebAssembly.Memory || ArrayBuffer.isView(value)) visit(value.buffer);
    else if (isPlain(value)) for (const item of Object.values(value)) visit(item);
  };
  for (const value of values) visit(value);
  return bytes;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
