/**
 * What to do about an error, in words. The framework speaks of its own options; a host, such as a command line, says it in
 * terms of what its users type. One process has one host.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** By name, with `{value}` where something is put in. */
const OWN = {
  /** The program, as messages call it. */
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

/** The name of a hint. */
export type HintName = keyof typeof OWN;

/** The hints of a host; the framework's own stand in for those that are absent. */
export type Hints = Readonly<Partial<Record<HintName, string>>>;

const KEY = 'flow hints';

/** Sets the words of the host, for this process and the worker threads that it starts from now on. */
export function provideHints(hints: Hints): void {
  setEnvironmentData(KEY, { ...hints });
}

/** The words of the host, for a process that is to have them too. */
export function providedHints(): Hints {
  return (getEnvironmentData(KEY) ?? {}) as Hints;
}

/** A hint in the words of the host, or else in the framework's own. */
export function hintOf(name: HintName, values: Readonly<Record<string, string>> = {}): string {
  const text = providedHints()[name] ?? OWN[name];
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}
