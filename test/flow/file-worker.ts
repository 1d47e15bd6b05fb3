/** The process of a task of file-executor.ts: reads the task from a folder, and writes there what came of it. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { perform } from '../../lib/flow/workers/perform.ts';
import { ownCache } from '../../lib/flow/workers/worker-cache.ts';

const folder = process.argv[2];
const task = JSON.parse(readFileSync(join(folder, 'task.json'), 'utf8'));
const events = join(folder, 'events.ndjson');
writeFileSync(events, '');
const result = await perform(task, {
  onEvent: (event) => appendFileSync(events, `${JSON.stringify(event)}\n`),
  cache: ownCache(task),
  signal: new AbortController().signal,
});
const peakRssBytes = 1024 * process.resourceUsage().maxRSS;
writeFileSync(join(folder, 'result.json'), JSON.stringify({ result, peakRssBytes }));
