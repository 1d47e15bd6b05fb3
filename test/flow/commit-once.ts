/**
 * One action committed and published, with everything that a commit has: two files, a folder, a second action
 * with the same bytes. As a program it does so once, for fault-injection.test.ts, which kills it on the way.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncFile } from '../../lib/flow/files/durable.ts';
import type { ActionKey, ContentHash } from '../../lib/flow/keys/key.ts';
import { showRun } from '../../lib/flow/runs/publish-run.ts';
import type { ActionRecord, StoredOutput } from '../../lib/flow/store/record.ts';
import { openStore, type Store } from '../../lib/flow/store/store.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const CONTENTS: Record<string, string> = {
  table: 'rows',
  'figures/a.svg': '<svg/>',
  'figures/b.svg': '<svg />',
};

/** Commits what is not committed yet, and publishes if that is not done, as a run does. */
export async function commitOnce(dir: string): Promise<void> {
  const store = openStore(dir);
  await store.use(async () => {
    const outputs = new Map<string, StoredOutput>();
    for (const name of ['first', 'second']) {
      const key = sha256(name) as ActionKey;
      const found = store.lookup(key);
      const record = found.state === 'hit' ? found.record : await makeAndCommit(store, name, key);
      store.setLastKey(name, key);
      for (const [slot, output] of Object.entries(record.outputs)) outputs.set(`${name}/${slot}`, output);
    }
    const manifest = { run: `2026-${randomUUID()}`, outcome: 'done', complete: true };
    showRun(store, manifest.run, outputs, manifest, { ran: false });
  });
}

async function makeAndCommit(store: Store, target: string, key: ActionKey): Promise<ActionRecord> {
  const scratch = await store.scratch();
  mkdirSync(join(scratch, 'figures'));
  const files = Object.entries(CONTENTS).map(([name, text]) => {
    const path = join(scratch, name);
    writeFileSync(path, text);
    syncFile(path);
    const hash = sha256(text) as ContentHash;
    return { name, path, output: { kind: 'file', hash, bytes: text.length } };
  });
  const [table, ...figures] = files;
  const listing = JSON.stringify(figures.map(({ name, output }) => ({ name, ...output })));
  const listFile = join(scratch, 'listing');
  writeFileSync(listFile, listing);
  syncFile(listFile);
  const folder: StoredOutput = {
    kind: 'files',
    hash: sha256(listing) as ContentHash,
    bytes: listing.length,
    files: Object.fromEntries(figures.map(({ name, output }) => [name, output])),
  };
  const record = {
    schema: 1,
    key,
    target,
    ingredients: { inputs: {} },
    code: {},
    outputs: { table: table.output, figures: folder },
    durationMs: 1,
    peakRssBytes: 1,
  } as unknown as ActionRecord;
  await store.commit(record, [
    { output: table.output, files: [{ path: table.path, hash: table.output.hash }] },
    {
      output: folder,
      files: [
        ...figures.map(({ path, output }) => ({ path, hash: output.hash })),
        { path: listFile, hash: folder.hash },
      ],
    },
  ]);
  rmSync(scratch, { recursive: true });
  return record;
}

if (process.argv[1] === import.meta.filename) await commitOnce(process.argv[2]);
