/** Lists of a model's genes in files: every form that is read, and what is refused. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { OperationalError } from '../../lib/errors.ts';
import { encode, modelOf, scratchFile } from './encode.ts';

test('lists of genes: with and without header and numbers, in every form', async () => {
  const row = [[0, 3, 0]];
  const position = async (name: string, content: unknown) => {
    const encoded = await encode({ kind: 'scfoundation', index: scratchFile(name, content) }, row);
    return modelOf(encoded)[0][0][0];
  };
  assert.equal(await position('a.txt', 'g1\ng0\n'), 0);
  assert.equal(await position('a.txt', '\ufeffgene\r\ng0\r\ng1\r\n'), 1);
  assert.equal(await position('a.csv', 'g0,1\ng1,0\n'), 0);
  assert.equal(await position('a.json', { g1: 1, g0: 0 }), 1);
});

test('lists of genes that cannot be meant are refused', async () => {
  const rejects = async (name: string, content: unknown, pattern: RegExp, ids?: string[]) => {
    const index = scratchFile(name, content);
    await assert.rejects(encode({ kind: 'scfoundation', index }, [[1, 2]], { ids }), (error: unknown) => {
      assert.ok(error instanceof OperationalError, String(error));
      assert.match([error.message, error.expected, error.where, error.hint].join('\n'), pattern);
      return true;
    });
  };
  await rejects('a.tsv', 'g0\t0\ng0\t1\n', /"g0" stands twice.*a\.tsv:2/s);
  await rejects('a.tsv', 'g0\t0\ng1\t0\n', /number 0 for "g0" and for "g1"/);
  await rejects('a.tsv', 'g0\t0\ng1\t2\n', /position 2 for "g1".*positions 0 to 1/s);
  await rejects('a.tsv', 'g0\t0.5\n', /has 0\.5 for "g0"/);
  await rejects('a.tsv', 'g0\tx\n', /a\.tsv:1/);
  for (const index of ['0x0', '0b1', '1e0', '+1', '-1']) {
    await rejects('a.tsv', `g0\t${index}\n`, /in decimal digits.*a\.tsv:1/s);
  }
  await rejects('a.tsv', '\n', /is empty/);
  await rejects('a.tsv', Buffer.from('g0\t0\r\ncaf\xe9\t1\n', 'latin1'), /not UTF-8.*a\.tsv:2/s);
  await rejects(
    'a.tsv',
    'A1BG\nA1CF\n',
    /none of the 2 genes.*list of 2.*"A1BG".*symbols.*"ENSG00000000003".*human Ensembl ids.*gene symbols/s,
    ['ENSG00000000003', 'ENSG00000000005'],
  );
  await assert.rejects(
    encode({ kind: 'scgpt', vocab: scratchFile('v.json', { g0: 5 }) }, [[1]]),
    /token 5 for "g0"/,
  );
});
