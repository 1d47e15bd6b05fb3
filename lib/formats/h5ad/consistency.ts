/**
 * Whether the parts of a file fit each other, beyond those that are read: a file that anndata refuses was put together
 * or cut by something else, and then nothing in it can be relied on. Looks at shapes only.
 */
import { dataError, RankloomError } from '../../errors.ts';
import { elementRows } from './column.ts';
import { openFrame } from './frame.ts';
import type { Hdf5File } from './hdf5.ts';
import { listMatrices } from './matrix.ts';

/** @throws a data error unless matrices, obs, var, obsm, varm, obsp and varp have as many cells and genes */
export function requireConsistent(file: Hdf5File): void {
  const cells = openFrame(file, 'obs')?.rows ?? 0;
  const genes = openFrame(file, 'var')?.rows ?? 0;
  for (const { name, rows, columns, var: frame, problem } of listMatrices(file)) {
    if (problem !== undefined) continue;
    const asked = frame === 'var' ? genes : (openFrame(file, frame)?.rows ?? columns);
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
    for (const name of unlessRefused(() => file.keys(group)) ?? []) {
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

const unfit = (file: Hdf5File, found: string, expected: string) =>
  dataError(found, {
    expected,
    where: file.path,
    hint: 'The file is inconsistent: write it again with anndata.',
  });

/** The shape of an array, a sparse matrix or a data frame; undefined for what is stored in another way. */
function shapeOf(file: Hdf5File, path: string): readonly number[] | undefined {
  if (file.kind(path) === 'dataset') {
    const { class: kind, shape } = file.dataset(path);
    return kind === 'compound' ? undefined : shape;
  }
  const shape = file.attribute(path, 'shape') ?? file.attribute(path, 'h5sparse_shape');
  if (Array.isArray(shape)) return shape;
  if (file.attribute(path, 'encoding-type') === 'dataframe') {
    const index = file.attribute(path, '_index');
    const rows = typeof index === 'string' ? elementRows(file, `${path}/${index}`) : undefined;
    return rows === undefined ? undefined : [rows];
  }
  return undefined;
}

/** What cannot be looked at (a link that leads out, a foreign encoding) is not judged: it is not read either. */
export function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof RankloomError) return undefined;
    throw error;
  }
}
