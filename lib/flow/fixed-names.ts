/**
 * Names that are written into files, keys and the environment. They must never change: existing files would no longer be
 * recognised, or random numbers would differ.
 */

/** `format` of a plan file. */
export const PLAN_FORMAT = 'rankloom-plan';
/** `format` of the file that marks a store. */
export const STORE_FORMAT = 'rankloom-store';
/** Label in the hash that derives a random stream from a seed and names. */
export const RANDOM_LABEL = 'rankloom-random-1';
/** Environment variable of an action's thread that identifies the processes it starts. */
export const ACTION_VARIABLE = 'RANKLOOM_ACTION';
