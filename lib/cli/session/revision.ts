/** Git revision of a folder, read from its files: starting git would cost more than a run that does nothing. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Commit that is checked out, or null if this is no git checkout. */
export function gitRevision(folder: string): string | null {
  try {
    const git = gitFolder(folder);
    const head = readFileSync(join(git, 'HEAD'), 'utf8').trim();
    if (!head.startsWith('ref: ')) return head;
    return readRef(git, head.slice('ref: '.length));
  } catch {
    return null;
  }
}

/** Finds the git folder: `.git` is that folder, or in a worktree a file with its path. */
function gitFolder(folder: string): string {
  const git = join(folder, '.git');
  if (statSync(git).isDirectory()) return git;
  return resolve(
    folder,
    readFileSync(git, 'utf8')
      .replace(/^gitdir: /, '')
      .trim(),
  );
}

function readRef(git: string, ref: string): string | null {
  const common = commonFolder(git);
  for (const base of [git, common]) {
    try {
      return readFileSync(join(base, ref), 'utf8').trim();
    } catch {}
  }
  const packed = readFileSync(join(common, 'packed-refs'), 'utf8');
  return (
    packed
      .split('\n')
      .find((line) => line.endsWith(` ${ref}`))
      ?.split(' ')[0] ?? null
  );
}

function commonFolder(git: string): string {
  try {
    return resolve(git, readFileSync(join(git, 'commondir'), 'utf8').trim());
  } catch {
    return git.includes('/worktrees/') ? dirname(dirname(git)) : git;
  }
}
