/**
 * Hints on how to fix an error. The framework's own hints name its own options; a host, such as a command line, replaces
 * them with hints in terms of its own commands. One process has one host.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** Hints of the framework by name; `{value}` is a placeholder. */
const OWN = {
  /** Name of the program in messages. */
  program: 'this program',
  actionTime: 'its parts that are done are kept; limits.timeoutMs gives it more',
  actionMemory: 'limits.memoryBytes gives it more',
  memoryShort: 'systems end processes so when memory is short: try fewer workers, or see what else runs',
  makeRoom:
    'make room (gc drops what is not in use), or keep the store on another disk; what is done is kept, and the next run goes on from there',
  noStore: 'a run makes it',
  newerStore: 'use that version, or another store; nothing was changed',
  foreignFolder: 'name another folder; nothing was changed',
  closedStore: 'check its permissions, or choose another place for the store',
  othersStore:
    'give the store back to yourself (chown -R), share it with a group (chmod -R g+w), read it as a shared store, or use another',
  sharedStore: 'check where the shared store is said to be, and whether its disk is mounted',
  namesNotTaken: 'choose another name, or keep the store on another disk',
  noLinks:
    'show outputs as folders of hard links or copies, with links: false (the store keeps that in mind), or keep the store on another disk',
  damagedRecord: 'verify puts it aside; the outputs in the store are not touched by that',
  damagedShown: 'put it aside with verify; the next run publishes anew',
  damagedOutput: 'verify puts aside what is damaged; the next run makes it again',
  noOutputs: 'make them with a run',
  otherStudies: 'or name another study of this store: {names}',
  makePlan: 'make another plan',
  ownCode: 'the error is one of this code, not of the framework',
  maybeOwnCode:
    'it came up while {file} was at work; if that does what it should, this is a bug in the framework',
} as const;

/** Name of a hint. */
export type HintName = keyof typeof OWN;

/** Hints of a host; absent ones fall back to the framework's own. */
export type Hints = Readonly<Partial<Record<HintName, string>>>;

const KEY = 'flow hints';

/** Sets the hints of the host, for this process and the worker threads that it starts from now on. */
export function provideHints(hints: Hints): void {
  setEnvironmentData(KEY, { ...hints });
}

/** Returns the hints of the host, to pass them to a child process. */
export function providedHints(): Hints {
  return (getEnvironmentData(KEY) ?? {}) as Hints;
}

/** Returns the text of a hint: the host's, or else the framework's own. */
export function hintOf(name: HintName, values: Readonly<Record<string, string>> = {}): string {
  const text = providedHints()[name] ?? OWN[name];
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}
