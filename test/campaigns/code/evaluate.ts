/** Tells what Node makes of modules: for each path among the arguments a line with the value of its default export. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const load = async (path: string) => (await import(pathToFileURL(path).href)).default;
/** Modules that wait for each other would wait for ever. */
const waits = async () => await setTimeout(10_000, 'waits');

for (const path of JSON.parse(readFileSync(process.argv[2], 'utf8')) as string[]) {
  let value: string;
  try {
    value = JSON.stringify(await Promise.race([load(path), waits()])) ?? 'undefined';
  } catch {
    value = 'fails';
  }
  console.log(value);
}
process.exit();
