import assert from 'node:assert/strict';
import test from 'node:test';
import { readNumbers, readStrings } from '../../lib/encodings/dictionary.ts';
import { OperationalError } from '../../lib/errors.ts';
import { scratchFile } from './encode.ts';

const file = (path: string) => ({ kind: 'file', path }) as const;

test('reads numbers and strings in the order of the file, odd keys included', async () => {
  const path = scratchFile('d.json', '{"b": 1, "a": 0.09467722933621638, "constructor": 3}');
  assert.deepEqual(
    [...(await readNumbers(file(path)))],
    [
      ['b', 1],
      ['a', 0.09467722933621638],
      ['constructor', 3],
    ],
  );
  assert.deepEqual([...(await readStrings(file(scratchFile('s.json', { A: 'x' }))))], [['A', 'x']]);
});

test('reads the same from a pickle, whatever the file is called', async () => {
  const pickle = Buffer.from('\x80\x02}(X\x01\0\0\0bK\x01X\x01\0\0\0aG\x3f\xe0\0\0\0\0\0\0u.', 'latin1');
  for (const name of ['d.pkl', 'd.json']) {
    assert.deepEqual(
      [...(await readNumbers(file(scratchFile(name, pickle))))],
      [
        ['b', 1],
        ['a', 0.5],
      ],
    );
  }
});

test('says what is wrong with a file that is no dictionary', async () => {
  const pickle = Uint8Array.from([0x80, 4, 0x95]);
  const cases: [string, RegExp][] = [
    [scratchFile('d.pkl', pickle), /truncated.*json\.dump/s],
    [scratchFile('renamed.json', pickle), /pickle is truncated/],
    [scratchFile('list.pkl', Buffer.from(']q\x00.', 'latin1')), /the dictionary is a list/],
    [scratchFile('nested.pkl', Buffer.from('}X\x01\0\0\0a]s.', 'latin1')), /has a list for "a"/],
    [scratchFile('keys.pkl', Buffer.from('}K\x01K\x02s.', 'latin1')), /has 2 for 1/],
    [scratchFile('d.json', '{"a": '), /not JSON/],
    [scratchFile('latin1.json', Buffer.from('{"caf\xe9": 1}', 'latin1')), /not UTF-8.*iconv/s],
    [
      scratchFile('d.json', '[1]'),
      /the dictionary is a list.*one object .* whose values are finite numbers/s,
    ],
    [scratchFile('d.json', 'null'), /is null/],
    [scratchFile('d.json', '{}'), /is empty/],
    [scratchFile('d.json', '{"ENSG1": "2"}'), /has "2" for "ENSG1"/],
    ['/no/such/dictionary.json', /cannot read the dictionary: ENOENT/],
  ];
  for (const [path, pattern] of cases) {
    await assert.rejects(readNumbers(file(path)), (error: unknown) => {
      assert.ok(error instanceof OperationalError);
      assert.ok(error.where!.startsWith(path));
      assert.match([error.message, error.expected, error.hint].join('\n'), pattern);
      return true;
    });
  }
});
