/** What names of packages mean in a file of an own encoding, in any folder: for `names` of a stage. */
export const OWN_NAMES: Readonly<Record<string, string>> = {
  rankloom: new URL('./own-encoding.ts', import.meta.url).href,
};
