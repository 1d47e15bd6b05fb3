/**
 * Stores on file systems that lack something: a small library, loaded before the C library, answers as they do. Needs a C
 * compiler and Linux.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gc, verify } from '../../lib/flow/index.ts';
import { FolderProject } from './folder-project.ts';

const program = fileURLToPath(new URL('./folder-project.ts', import.meta.url));

/** `LACKS` names what is not there: symlink, link, chmod, fsync, rename. */
const LIBRARY = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
static int lacks(const char *what) { const char *all = getenv("LACKS"); return all && strstr(all, what); }
static int no(int code) { errno = code; return -1; }
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
int symlink(const char *a, const char *b) { return lacks("symlink") ? no(EPERM) : REAL(symlink)(a, b); }
int link(const char *a, const char *b) { return lacks("hard") ? no(EOPNOTSUPP) : REAL(link)(a, b); }
int chmod(const char *a, mode_t m) { return lacks("chmod") ? no(EPERM) : REAL(chmod)(a, m); }
int fsync(int fd) {
  struct stat s;
  if (lacks("fsync") && fstat(fd, &s) == 0 && S_ISDIR(s.st_mode)) return no(EINVAL);
  return REAL(fsync)(fd);
}
int rename(const char *a, const char *b) {
  struct stat s;
  if (lacks("rename") && lstat(b, &s) == 0) return no(EEXIST);
  return REAL(rename)(a, b);
}
`;

let library: string | undefined;

/** The path of the library, or why there is none. */
function build(): { path?: string; why?: string } {
  if (library !== undefined) return { path: library };
  if (process.platform !== 'linux') return { why: 'needs Linux' };
  const home = mkdtempSync(join(tmpdir(), 'rankloom-lacks-'));
  writeFileSync(join(home, 'lacks.c'), LIBRARY);
  const made = spawnSync('cc', [
    '-shared',
    '-fPIC',
    '-o',
    join(home, 'lacks.so'),
    join(home, 'lacks.c'),
    '-ldl',
  ]);
  if (made.status !== 0) return { why: 'needs a C compiler' };
  library = join(home, 'lacks.so');
  return { path: library };
}

process.on(
  'exit',
  () => library !== undefined && rmSync(join(library, '..'), { recursive: true, force: true }),
);

const FILES = `fs.mkdirSync(join(dir, 'sub')); fs.writeFileSync(join(dir, 'sub', 'a'), 'A'); fs.writeFileSync(join(dir, 'b'), 'B');`;

interface Outcome {
  readonly outcome: string;
  readonly ran: number;
  readonly kind?: string;
  readonly message: string;
}

function runLacking(project: FolderProject, lacks: string, ...options: string[]): Outcome {
  const env = { ...process.env, LD_PRELOAD: library!, LACKS: lacks };
  const said = execFileSync(process.execPath, [program, project.dir, ...options], { env, encoding: 'utf8' });
  return JSON.parse(said);
}

const lacking: Record<string, string> = {
  'hard links': 'hard',
  permissions: 'chmod',
  'synced folders': 'fsync',
  'renaming over a file': 'rename',
  'all of these': 'hard chmod fsync rename',
};

for (const [name, lacks] of Object.entries(lacking)) {
  test(`a store on a file system without ${name}`, async (t) => {
    const { why } = build();
    if (why !== undefined) return t.skip(why);
    const project = new FolderProject(FILES);
    t.after(() => project.remove());
    assert.deepEqual(runLacking(project, lacks), { outcome: 'done', ran: 1, message: '' });
    const latest = join(project.home, 'latest');
    assert.equal(readFileSync(join(latest, 'dir', 'sub', 'a'), 'utf8'), 'A');
    assert.equal(readFileSync(join(latest, 'file.txt'), 'utf8'), 'a file');
    assert.deepEqual(runLacking(project, lacks), { outcome: 'done', ran: 0, message: '' });
    rmSync(join(project.home, 'actions'), { recursive: true });
    assert.deepEqual(
      runLacking(project, lacks),
      { outcome: 'done', ran: 1, message: '' },
      'made again over what is there',
    );
    if (lacks.includes('chmod')) return; // here the file system knows permissions, and finds them wrong
    assert.deepEqual((await verify(project.store)).damage, []);
  });
}

test('a store without symbolic links is refused before the work, or shows folders', async (t) => {
  const { why } = build();
  if (why !== undefined) return t.skip(why);
  for (const lacks of ['symlink', 'symlink hard chmod fsync rename']) {
    const project = new FolderProject(FILES);
    t.after(() => project.remove());
    const first = runLacking(project, lacks);
    assert.equal(first.outcome, 'refused');
    assert.equal(first.kind, 'store');
    assert.match(first.message, /no symbolic links/);
    assert.deepEqual(readdirSync(join(project.home, 'objects')), [], 'nothing was computed');

    const latest = join(project.home, 'latest');
    assert.deepEqual(runLacking(project, lacks, 'no-links'), { outcome: 'done', ran: 1, message: '' });
    assert.ok(lstatSync(latest).isDirectory());
    assert.equal(readFileSync(join(latest, 'dir', 'sub', 'a'), 'utf8'), 'A');
    const { ino } = statSync(latest);
    assert.deepEqual(
      runLacking(project, lacks),
      { outcome: 'done', ran: 0, message: '' },
      'the store keeps it in mind',
    );
    assert.equal(statSync(latest).ino, ino, 'and shows what it showed');

    // The user's files stay, edited ones are set right, deleted ones come back.
    writeFileSync(join(latest, 'notes.txt'), 'mine');
    rmSync(join(latest, 'file.txt'));
    writeFileSync(join(latest, 'file.txt'), 'edited');
    rmSync(join(latest, 'dir', 'b'));
    assert.deepEqual(runLacking(project, lacks), { outcome: 'done', ran: 0, message: '' });
    assert.equal(readFileSync(join(latest, 'notes.txt'), 'utf8'), 'mine');
    assert.equal(readFileSync(join(latest, 'file.txt'), 'utf8'), 'a file');
    assert.equal(readFileSync(join(latest, 'dir', 'b'), 'utf8'), 'B');
    const aside = readdirSync(join(project.home, 'set-aside'), { recursive: true, encoding: 'utf8' });
    assert.equal(aside.filter((name) => name.endsWith('file.txt')).length, 1);

    await gc(project.store, { keepRuns: 0, keepDays: 0 });
    assert.ok(existsSync(join(latest, 'run.json')));
    assert.deepEqual(runLacking(project, lacks), { outcome: 'done', ran: 0, message: '' });
  }
});
