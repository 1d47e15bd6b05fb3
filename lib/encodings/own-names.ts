/** Package names in a file of an own encoding, in any folder, and what they resolve to: for `names` of a stage. */
export const OWN_NAMES: Readonly<Record<string, string>> = {
  rankloom: new URL('./own-encoding.ts', import.meta.url).href,
};
