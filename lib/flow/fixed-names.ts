/**
 * Names that are written into files, into keys and into the environment, and so are not to be changed: what they stand in would
 * not be known any more, or the numbers drawn would be others.
 */

/** `format` of a file with a plan. */
export const PLAN_FORMAT = 'rankloom-plan';
/** `format` of the file that marks a store. */
export const STORE_FORMAT = 'rankloom-store';
/** Label of the hash that makes a random stream of a seed and names. */
export const RANDOM_LABEL = 'rankloom-random-1';
/** Variable of the environment of an action's thread, by which processes that it starts are known. */
export const ACTION_VARIABLE = 'RANKLOOM_ACTION';
