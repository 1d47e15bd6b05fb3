import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { storeError } from '../../lib/errors.ts';
import { checkSpace, diskError, freeBytes } from '../../lib/flow/store/disk-space.ts';

const dir = tmpdir();
const errno = (code: string) => Object.assign(new Error(code), { code, path: '/some/file' });

test('room is asked for before it is needed', () => {
  checkSpace({ dir }, 0);
  checkSpace({ dir }, 1);
  assert.throws(
    () => checkSpace({ dir }, freeBytes(dir) + 5e12),
    (e: Error & { kind?: string }) =>
      e.kind === 'store' &&
      /not enough room.*are to be written.*are free; 5\.0 TB are missing/.test(e.message),
  );
});

test('a full disk is told with how much is missing, as far as that is known', () => {
  const known = diskError(errno('ENOSPC'), dir, freeBytes(dir) + 3e12);
  assert.match(
    known!.message,
    /^the disk is full: .* are free, .* to be written, at least 3\.0 TB are missing$/,
  );
  assert.equal(known!.kind, 'store');
  assert.equal(known!.where, '/some/file');
  assert.match(diskError(errno('ENOSPC'), dir)!.message, /^the disk is full: .* are free$/);
  assert.match(
    diskError(errno('EDQUOT'), dir, 2e6)!.message,
    /^the disk quota is used up: .*2\.0 MB are to be/,
  );
  const worker = storeError('the disk is full');
  assert.match(diskError(worker, '/nowhere', 2e6)!.message, /at least 2\.0 MB are missing/);
});

test('other errors are left as they are', () => {
  assert.equal(diskError(errno('EACCES'), dir), undefined);
  assert.equal(diskError(storeError('something else'), dir), undefined);
  assert.equal(diskError('no error at all', dir), undefined);
});
