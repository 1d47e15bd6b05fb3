/** Check for missing or unreadable files: reports all of them before anything runs, not one by one as targets need them. */
import { accessSync, constants } from 'node:fs';
import { dataError } from '../../errors.ts';
import { denied } from '../../permission.ts';
import type { Graph } from './target.ts';

/**
 * Checks the files and folders that targets read, and their code files. Throws a data error that names every one that is
 * missing or not readable.
 */
export function requireFiles(graph: Graph, targets: ReadonlySet<string>): void {
  const readers = new Map<string, string[]>();
  for (const id of targets) {
    const { external, code } = graph.targets.get(id)!;
    for (const path of new Set([...external.map((source) => source.path), ...code])) {
      readers.set(path, [...(readers.get(path) ?? []), id]);
    }
  }
  const missing: string[] = [];
  const closed: string[] = [];
  for (const [path, ids] of readers) {
    try {
      accessSync(path, constants.R_OK);
    } catch (error) {
      const refused = denied(error, 'read');
      if (refused === undefined) missing.push(`${path} (read by ${ids.join(', ')})`);
      else closed.push(`${refused.message} (read by ${ids.join(', ')})`);
    }
  }
  if (closed.length > 0) {
    throw dataError([...closed, ...missing.map((line) => `no such file: ${line}`)].join('\n'), {
      expected: 'files that may be read',
      hint: 'ask their owner for permission (chmod, chown), or take copies that are yours',
    });
  }
  if (missing.length === 0) return;
  throw dataError(
    missing.length === 1
      ? `no such file: ${missing[0]}`
      : `${missing.length} files are missing:\n${missing.join('\n')}`,
    {
      expected: 'files that exist',
      hint: 'check the paths; a relative path counts from the folder of the config',
    },
  );
}
