/** Tells what Node makes of modules: for each path among the arguments a line with the value of its default export. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

for (const path of JSON.parse(readFileSync(process.argv[2], 'utf8')) as string[]) {
  let value: string;
  try {
    value = JSON.stringify((await import(pathToFileURL(path).href)).default) ?? 'undefined';
  } catch {
    value = 'fails';
  }
  console.log(value);
}
