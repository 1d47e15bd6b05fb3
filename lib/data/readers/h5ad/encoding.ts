/**
 * Declared encodings of elements: the attributes encoding-type and encoding-version. An element of an unknown version may
 * mean something else by the same parts, so it is refused, as anndata does. List:
 * https://anndata.readthedocs.io/en/stable/fileformat-prose.html
 */
import { dataError } from '../../../errors.ts';
import type { Hdf5File } from './hdf5.ts';

const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  anndata: ['0.1.0'],
  raw: ['0.1.0'],
  dict: ['0.1.0'],
  dataframe: ['0.1.0', '0.2.0'],
  array: ['0.2.0'],
  'string-array': ['0.2.0'],
  'rec-array': ['0.2.0'],
  'numeric-scalar': ['0.2.0'],
  string: ['0.2.0'],
  categorical: ['0.2.0'],
  'nullable-integer': ['0.1.0'],
  'nullable-boolean': ['0.1.0'],
  'nullable-string-array': ['0.1.0'],
  csr_matrix: ['0.1.0'],
  csc_matrix: ['0.1.0'],
};

/**
 * Encoding of an element; undefined if it declares none, as before anndata 0.7.
 * @throws a data error if it is not one of `expected` in a version that is known
 */
export function encodingOf(file: Hdf5File, path: string, expected: readonly string[]): string | undefined {
  const type = file.scalarAttribute(path, 'encoding-type');
  if (type === undefined || type === '') return undefined;
  const version = file.scalarAttribute(path, 'encoding-version');
  const what = path === '/' ? 'the file' : path;
  const known = typeof type === 'string' ? VERSIONS[type] : undefined;
  if (typeof type !== 'string' || !expected.includes(type)) {
    throw dataError(
      `${what} is encoded as ${JSON.stringify(type)}${known === undefined ? ', which is not known' : ''}`,
      {
        expected: expected.join(', '),
        where: file.path,
        hint: known === undefined ? NEWER : 'The file is inconsistent: write it again with anndata.',
      },
    );
  }
  // Elements of early files have no version.
  if (version === undefined || known?.includes(String(version))) return type;
  throw dataError(`${what} has version ${version} of the encoding ${type}, which is not known`, {
    expected: `version ${known?.join(' or ')}`,
    where: file.path,
    hint: NEWER,
  });
}

const NEWER = 'A newer anndata may have written it: write it again with anndata 0.12 or older.';
