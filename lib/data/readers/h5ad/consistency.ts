/**
 * Consistency of the file's parts, beyond those that are read: a file that anndata refuses was put together or cut by
 * something else, and then nothing in it can be relied on. Looks at shapes only.
 */
import { dataError } from '../../../errors.ts';
import { elementRows } from './column.ts';
import { encodingOf } from './encoding.ts';
import { openFrame } from './frame.ts';
import type { Hdf5File } from './hdf5.ts';
import { unlessRefused } from './hdf5-errors.ts';
import { listMatrices } from './matrix.ts';

/**
 * Checks the shapes of all parts.
 *
 * @throws a data error unless matrices, obs, var, obsm, varm, obsp and varp have as many cells and genes
 */
export function requireConsistent(file: Hdf5File): void {
  const cells = openFrame(file, 'obs')?.rows ?? 0;
  const genes = openFrame(file, 'var')?.rows ?? 0;
  for (const { name, rows, columns, var: frame, problem } of listMatrices(file)) {
    if (problem !== undefined) continue;
    const asked = frame === 'var' ? genes : (unlessRefused(() => openFrame(file, frame)?.rows) ?? columns);
    if (rows === cells && columns === asked) continue;
    throw unfit(
      file,
      `${name} has the shape ${rows} × ${columns}`,
      `${cells} × ${asked}, as obs and ${frame} say`,
    );
  }
  for (const [group, length] of [
    ['obsm', cells],
    ['varm', genes],
    ['obsp', cells],
    ['varp', genes],
  ] as const) {
    for (const name of unlessRefused(() => entriesOf(file, group)) ?? []) {
      const path = `${group}/${name}`;
      const shape = unlessRefused(() => shapeOf(file, path));
      if (shape === undefined) continue;
      const isPaired = group.endsWith('p');
      if (shape[0] === length && (!isPaired || shape[1] === length)) continue;
      const asked = isPaired ? `${length} × ${length}` : `${length} rows`;
      throw unfit(
        file,
        `${path} has the shape ${shape.join(' × ')}`,
        `${asked}, one for each ${group.startsWith('obs') ? 'cell' : 'gene'}`,
      );
    }
  }
}

function entriesOf(file: Hdf5File, group: string): string[] {
  encodingOf(file, group, ['dict']);
  return file.keys(group);
}

const unfit = (file: Hdf5File, found: string, expected: string) =>
  dataError(found, {
    expected,
    where: file.path,
    hint: 'The file is inconsistent: write it again with anndata.',
  });

/**
 * Shape of an array, a sparse matrix or a data frame of a known encoding; undefined for an element that is stored in
 * another way, is a single value, or None.
 */
function shapeOf(file: Hdf5File, path: string): readonly number[] | undefined {
  const encoding = encodingOf(file, path, SHAPED);
  if (file.kind(path) === 'dataset') {
    const { class: kind, shape, isNull } = file.dataset(path);
    return kind === 'compound' || isNull || shape.length === 0 ? undefined : shape;
  }
  if (encoding === 'dataframe') {
    const index = file.scalarAttribute(path, '_index');
    const rows = typeof index === 'string' ? elementRows(file, `${path}/${index}`) : undefined;
    return rows === undefined ? undefined : [rows];
  }
  const shape = file.attribute(path, encoding === undefined ? 'h5sparse_shape' : 'shape');
  return Array.isArray(shape) ? shape : undefined;
}

const SHAPED = ['array', 'string-array', 'csr_matrix', 'csc_matrix', 'dataframe'];
