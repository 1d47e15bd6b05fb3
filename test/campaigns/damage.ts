/**
 * Every object of the small study's store, damaged in every way: `verify` must name each, and the next run
 * must end with the right bytes.
 *
 *     node test/campaigns/damage.ts [only every n-th object]
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, verify } from '../../lib/flow/index.ts';
import { takeInventory } from '../../lib/flow/maintenance/inventory.ts';
import { StoreLayout } from '../../lib/flow/store/layout.ts';
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
for (const [name, harm] of Object.entries(damages)) {
  // Those that a record names: parts of finished targets are not made again, and nobody misses what is left of them.
  const inUse = new Set(takeInventory(new StoreLayout(home)).records.flatMap(({ hashes }) => hashes));
  const objects = [...inUse].sort().filter((_, i) => i % step === 0);
  for (const hash of objects) harm(join(home, 'objects', hash.slice(0, 2), hash));
  const { damage } = await verify(openStore(home));
  const named = damage.flatMap((d) => ('hash' in d ? [d.hash] : [])).sort();
  assert.deepEqual(named, objects, name);
  const { code, stderr } = await project.run();
  assert.equal(code, 0, `${name}: ${stderr}`);
  assert.deepEqual(project.hashes(), hashes, name);
  assert.deepEqual((await verify(openStore(home))).damage, [], name);
  harmed += objects.length;
  console.log(`${objects.length} objects ${name}: all named, and right again after a run`);
}
console.log(`${harmed} damages in all`);
project.remove();
