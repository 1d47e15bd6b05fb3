/** Files that are not there are all told before anything runs, not one by one as targets come to need them. */
import { existsSync } from 'node:fs';
import { dataError } from '../errors.ts';
import type { Graph } from './graph.ts';

/** Throws a data error that names every file which the targets read, or whose code they run, and which is not there. */
export function requireFiles(graph: Graph, targets: ReadonlySet<string>): void {
  const missing = new Map<string, string[]>();
  for (const id of targets) {
    const { files, code } = graph.targets.get(id)!;
    for (const path of new Set([...files.map((file) => file.path), ...code])) {
      if (!existsSync(path)) missing.set(path, [...(missing.get(path) ?? []), id]);
    }
  }
  if (missing.size === 0) return;
  const lines = [...missing].map(([path, ids]) => `${path} (read by ${ids.join(', ')})`);
  throw dataError(
    missing.size === 1
      ? `no such file: ${lines[0]}`
      : `${missing.size} files are missing:\n${lines.join('\n')}`,
    {
      expected: 'files that exist',
      hint: 'check the paths; a relative path counts from the folder of the config',
    },
  );
}
