/** Kinds of HDF5 datasets that h5wasm cannot write, from a file of h5py's (golden/h5ad/make_kinds.py): read as meant or refused. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { describeOffender } from '../../../lib/data/readers/h5ad/choose.ts';
import { columnTexts, readElement } from '../../../lib/data/readers/h5ad/column.ts';
import { openFrame } from '../../../lib/data/readers/h5ad/frame.ts';
import { Hdf5File } from '../../../lib/data/readers/h5ad/hdf5.ts';
import type { Matrix } from '../../../lib/data/readers/h5ad/matrix.ts';
import { storedRows } from '../../../lib/data/readers/h5ad/rows.ts';
import { lookAt } from '../../../lib/data/readers/h5ad/sample.ts';
import { OperationalError } from '../../../lib/errors.ts';

const file = await Hdf5File.open(join(import.meta.dirname, '..', '..', 'golden', 'h5ad', 'kinds.h5'));
after(() => file.close());
const read = (path: string) => {
  const column = readElement(file, path, file.dataset(path).shape[0]);
  return { kind: column.kind, texts: columnTexts(column) };
};
const refused = (call: () => unknown, message: RegExp) =>
  assert.throws(call, (error: Error) => error instanceof OperationalError && message.test(error.message));

test('levels of an enumeration are categories; only FALSE and TRUE, and with NA, are booleans', () => {
  assert.deepEqual(read('factor'), { kind: 'categorical', texts: ['B cell', 'T cell', 'false', 'B cell'] });
  assert.deepEqual(read('swapped'), { kind: 'categorical', texts: ['TRUE', 'FALSE', 'TRUE'] });
  assert.deepEqual(read('boolean'), { kind: 'boolean', texts: ['false', 'true', 'false'] });
  assert.deepEqual(read('logical'), { kind: 'boolean', texts: ['false', 'true', null, 'false'] });
  refused(() => read('stray'), /stray holds 5 in row 3, which is none of its levels/);
  refused(() => read('wide'), /unreadable enumeration/);
  refused(() => read('turned'), /big-endian enumeration/);
});

test('a matrix of booleans holds 0 and 1; missing values and bytes of no level are missing counts', () => {
  for (const [path, values] of [
    ['logicals', [1, Number.NaN]],
    ['flags', [1, 1, Number.NaN]],
  ] as const) {
    const { dtype } = file.dataset(path);
    const of = { rows: 2, columns: 2, stored: undefined, dtype };
    const matrix: Matrix = { name: path, path, var: 'var', layout: 'dense', ...of };
    assert.deepEqual(
      [...storedRows(file, matrix)].map((block) => [...block.values]),
      [values],
    );
    const { look, offender } = lookAt(file, matrix);
    assert.equal(look, 'not finite');
    assert.match(
      describeOffender(file, matrix, offender!),
      /^neither FALSE nor TRUE for gene number \d in cell number 2$/,
    );
  }
});

test('text of fixed length loses its padding as in h5py, and nothing else', () => {
  assert.deepEqual(read('null_terminated').texts, ['a', 'b ', 'abcdef']);
  assert.deepEqual(read('null_padded').texts, ['a\0z', 'b ', 'abcdef']);
  assert.deepEqual(read('space_padded').texts, ['a', ' b', 'ü']);
  assert.deepEqual(read('utf8_as_ascii').texts, ['Zürich', '']);
});

test('text that is not UTF-8 is refused with its row', () => {
  refused(() => read('latin1'), /latin1 holds text that is not UTF-8: "M\\xfcller" in row 2/);
  refused(() => read('latin1_vlen'), /not UTF-8: "Z\\xfc" in row 2/);
  refused(() => read('cut'), /not UTF-8: "abc\\xc3" in row 2/);
});

test('fields of a compound, in either order of bytes', () => {
  for (const name of ['table_le', 'table_be']) {
    const frame = openFrame(file, name);
    assert.ok(frame !== undefined);
    assert.deepEqual(frame.index(), ['a', 'b', 'c']);
    const texts = (column: string) => columnTexts(frame.column(column));
    assert.deepEqual(texts('id'), ['1152921504606846976', '1152921504606846977', '1152921504606846978']);
    assert.deepEqual(texts('n'), ['0.5', '1.0', '2.0']);
    assert.deepEqual(texts('name'), ['ä', '', 'z']);
  }
  const mixed = openFrame(file, 'table_mixed');
  assert.deepEqual(mixed && columnTexts(mixed.column('id')), ['1', '2']);
  assert.deepEqual(mixed && columnTexts(mixed.column('n')), ['3', '4']);
});

test('numbers of an unusual layout are refused, also by a named type', () => {
  assert.deepEqual([...file.numbers('big_endian')], [0, 1, 2, 3]);
  refused(() => file.numbers('offset_bits'), /unusual kind: 17 bits from bit 4 of 32/);
  refused(() => file.numbers('biased'), /not IEEE 754/);
  refused(() => file.numbers('biased_named'), /not IEEE 754/);
  refused(() => file.numbers('int24'), /int24 values, which cannot be read/);
  refused(() => file.numbers('half'), /float16 values, which cannot be read/);
  refused(() => file.numbers('complex'), /compound values, which cannot be read/);
  for (const kind of ['opaque', 'reference', 'variable-length list']) {
    const name = { opaque: 'opaque', reference: 'references' }[kind] ?? 'lists';
    refused(() => read(name), new RegExp(`${kind} values`));
  }
});

test('filters with published faults are refused by name', () => {
  refused(() => file.numbers('nbit'), /N-bit \(HDF5 filter 5\)/);
  refused(() => file.numbers('scale_offset'), /scale-offset \(HDF5 filter 6\)/);
});

test('values in other files are refused', () => {
  refused(() => file.numbers('virtual'), /virtual dataset: its values lie elsewhere \(gone\.h5\)/);
  refused(() => file.numbers('external'), /lies in other files/);
});

test('what was never written is refused, and not zeros; only a matrix may leave chunks out', () => {
  refused(() => file.numbers('never'), /never was never written/);
  refused(() => file.numbers('never_chunked'), /was never written/);
  refused(() => file.numbers('halfway'), /not written whole: 2 of 3 chunks/);
  assert.equal(file.numbers('all_chunks').length, 200);
  const rows = file.numbers('some_rows', 0, 6, 'zeros');
  assert.deepEqual([...rows], [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  refused(() => file.numbers('some_rows'), /some_rows was not written whole: 1 of 3 chunks/);
  refused(() => file.numbers('some_rows', 0, 2), /not written whole/);
});

test('a chunk that is too short is refused, before memory beyond it is taken for values', () => {
  for (const name of ['short', 'short_gzip']) {
    assert.deepEqual([...file.numbers(name, 0, 4)], [1, 1, 1, 1]);
    refused(() => file.numbers(name), /chunk at row 4 unpacks to 8 bytes instead of 16/);
  }
});
