/** Whether what a study publishes has the same bytes for any number of workers and on other versions of Node. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', 'lib', 'cli', 'main.ts');

/**
 * Runs `target` of the study with 1, 2, 3 and 7 workers on this Node, and with 2 on each of `nodes` (paths), compares all
 * that is published, and prints what it finds. False if a file differs.
 */
export function samePublished(title: string, target: string, config: object, nodes: string[]): boolean {
  const expected = publishedBy(process.execPath, 1, target, config);
  console.log(`${title}: ${expected.size} files of 1 worker on ${process.version}`);
  const others = [2, 3, 7].map((workers) => [process.execPath, workers] as const);
  let isSame = true;
  for (const [node, workers] of [...others, ...nodes.map((path) => [path, 2] as const)]) {
    const found = publishedBy(node, workers, target, config);
    const different = [...expected].filter(([name, hash]) => found.get(name) !== hash).map(([name]) => name);
    const verdict = different.length === 0 ? 'the same' : `differ: ${different.join(', ')}`;
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    console.log(`  ${workers} workers on ${version}: ${verdict}`);
    if (different.length > 0 || found.size !== expected.size) isSame = false;
  }
  return isSame;
}

/** Hashes of all published files by name. */
function publishedBy(node: string, workers: number, target: string, config: object): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'rankloom-bytes-'));
  try {
    const path = join(folder, 'study.config.json');
    writeFileSync(path, JSON.stringify(config));
    const args = [main, 'run', target, '--config', path, '--workers', String(workers), '--quiet'];
    const { status, stderr } = spawnSync(node, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${node} ended with ${status}: ${stderr}`);
    const latest = join(folder, 'artifacts', 'latest');
    const names = globSync('**/*', { cwd: latest }).filter(
      // What tells of the run itself has its time in it.
      (name) => statSync(join(latest, name)).isFile() && name !== 'run.json',
    );
    const hash = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(latest, name)))
        .digest('hex');
    return new Map(names.sort().map((name) => [name, hash(name)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
