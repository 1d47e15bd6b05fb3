/**
 * Every object of the small study's store, damaged in every way, ten at a time: `verify` must name each, and the next run
 * must end with the right bytes.
 *
 *     node test/campaigns/damage.ts [only every n-th object]
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openStore, verify } from '../../lib/flow/index.ts';
import { Project } from '../helpers/project.ts';

const step = Number(process.argv[2] ?? 1);

const damages: Record<string, (path: string) => void> = {
  'a flipped bit': (path) => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 4;
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
  },
  truncated: (path) => {
    chmodSync(path, 0o644);
    truncateSync(path, readFileSync(path).length >> 1);
  },
  emptied: (path) => {
    chmodSync(path, 0o644);
    truncateSync(path, 0);
  },
  deleted: (path) => rmSync(path),
  'replaced by a folder': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  unreadable: (path) => chmodSync(path, 0o000),
};

const project = new Project();
assert.equal((await project.run()).code, 0);
const hashes = project.hashes();
const home = project.path('artifacts');
let harmed = 0;
const objects = readdirSync(join(home, 'objects'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.includes('/'))
  .sort()
  .filter((_, i) => i % step === 0);
for (const [name, harm] of Object.entries(damages)) {
  const touched = new Set<string>();
  // Ten at a time, so that the store need not be read for each.
  for (let at = 0; at < objects.length; at += 10) {
    const batch = objects.slice(at, at + 10).filter((object) => existsSync(join(home, 'objects', object)));
    for (const object of batch) harm(join(home, 'objects', object));
    const { damage } = await verify(openStore(home));
    const named = damage.flatMap((d) => ('hash' in d ? [d.hash] : [])).sort();
    assert.deepEqual(named, batch.map((object) => object.slice(3)).sort(), name);
    for (const object of batch) touched.add(object);
  }
  const { code, stderr } = await project.run();
  assert.equal(code, 0, `${name}: ${stderr}`);
  assert.deepEqual(project.hashes(), hashes, name);
  assert.deepEqual((await verify(openStore(home))).damage, [], name);
  harmed += touched.size;
  console.log(`${touched.size} objects ${name}: all named, and right again after a run`);
}
console.log(`${harmed} damages in all`);
project.remove();
