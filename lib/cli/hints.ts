/** Advice on the framework's errors, in terms of this command line. */
import type { Hints } from '../flow/hints.ts';

/**
 * Hints with the commands of a program.
 *
 * @param name name of the program, as it is typed
 */
export function hintsOf(name: string): Hints {
  return {
    program: name,
    actionTime: 'its parts that are done are kept; --action-timeout gives it more, for example 2h',
    actionMemory: '--action-memory gives it more, for example 8G',
    memoryShort: 'systems end processes so when memory is short: try fewer --workers, or see what else runs',
    makeRoom: `make room (\`${name} gc\` drops what is not in use), or keep the store on another disk with --store DIR; what is done is kept, and the next run goes on from there`,
    noStore: 'a run makes it; another place is named with --store DIR',
    newerStore: 'use that version, or another store with --store DIR; nothing was changed',
    foreignFolder: 'name another folder with --store DIR; nothing was changed',
    closedStore: 'check its permissions, or choose another place with --store DIR',
    othersStore:
      'give the store back to yourself (chown -R), share it with a group (chmod -R g+w), read it with --shared-store, or use another with --store DIR',
    sharedStore: 'check --shared-store, RANKLOOM_SHARED_STORE or the config, and whether its disk is mounted',
    namesNotTaken: 'choose another name in the config, or keep the store on another disk with --store DIR',
    noLinks:
      'show outputs as folders of hard links or copies, with --no-links (the store keeps that in mind), or keep the store on another disk with --store DIR',
    damagedRecord: `${name} verify puts it aside; the outputs in the store are not touched by that`,
    damagedShown: `put it aside with: ${name} verify; the next run publishes anew`,
    damagedOutput: `${name} verify puts aside what is damaged; the next run makes it again`,
    noOutputs: `make them with: ${name} run`,
    otherStudies: 'or name another study of this store with --study: {names}',
    makePlan: `make another with: ${name} plan -o plan.json`,
    ownCode: `the error is one of this code, not of ${name}; --debug shows the stack`,
    maybeOwnCode: `it came up while {file} was at work; if that does what it should, this is a bug in ${name}: repeat with --debug for a stack trace and report it`,
  };
}
