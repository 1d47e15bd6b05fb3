/**
 * Garbage collection of shared memory, which V8 does not count. A SharedArrayBuffer or shared WebAssembly.Memory belongs to
 * no thread, so releasing one triggers no collection, although every thread that ever saw it must collect, including the
 * main thread. So each thread records the bytes it gets and releases, and triggers a collection when that is worth its time
 * of 10 to 40 ms.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const WORTH_BYTES = 32 << 20;
/** Threshold between the steps of an action, which ends soon and whose threads all have to collect. */
export const WORTH_BETWEEN_STEPS = 256 << 20;

/** Bytes recorded in this thread since its last collection. */
let noted = 0;
let collector: (() => void) | undefined;

/** Records bytes of shared memory that this thread got or released. */
export function noteShared(bytes: number): void {
  noted += bytes;
}

/**
 * Collects this thread's garbage if it may include enough shared memory. Returns whether it did.
 *
 * @param worthBytes minimum of recorded bytes
 */
export function collectIfWorth(worthBytes = WORTH_BYTES): boolean {
  if (noted < worthBytes) return false;
  collect();
  return true;
}

/** Bytes this thread held after its last collection, so that memory in use does not trigger further collections. */
let heldBytes = 0;
/** Growth in bytes that justifies a collection, which takes some hundredths of a second. */
const GROWN_BYTES = 96 << 20;

/**
 * Collects this thread's garbage of any kind if its heap and buffers have grown by much since the last collection. An action
 * that has ended should hold no memory: V8 would keep it until the thread needs memory again, while another action waits
 * for room. Returns the bytes in heap and buffers before the collection.
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
    // The only way to get `gc` in a running thread: contexts created after setting the flag have the function.
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
