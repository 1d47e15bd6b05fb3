/** Categories of anndata 0.7: codes as a dataset, which refers to a dataset of categories under `__categories`. */
import { dataError } from '../../../errors.ts';
import { type Column, categorical, readCategories, readCodes } from './column.ts';
import type { Hdf5File } from './hdf5.ts';

/** Reads a column that is stored in this form; undefined for any other. */
export function readLegacyColumn(
  file: Hdf5File,
  frame: string,
  name: string,
  rows: number,
): Column | undefined {
  const path = `${frame}/${name}`;
  if (file.kind(path) !== 'dataset') return undefined;
  const referred = file.scalarAttribute(path, 'categories');
  const usual = `${frame}/__categories/${name}`;
  if (referred === undefined) {
    if (file.kind(usual) === undefined) return undefined;
    throw dataError(`${path} does not refer to its categories, but ${usual} is there`, {
      expected: `the attribute categories of ${path}, a reference to ${usual}`,
      where: file.path,
      hint: 'Whether these are codes or numbers cannot be told: write the file again with anndata.',
    });
  }
  const inFrame = typeof referred === 'string' ? `${frame}/${referred}` : '';
  const categories = [referred, inFrame].find((at) => typeof at === 'string' && file.kind(at) === 'dataset');
  if (typeof categories !== 'string') {
    throw dataError(`${path} refers to categories that are not there`, {
      where: file.path,
      hint: 'The file is incomplete: write it again with anndata.',
    });
  }
  return categorical(file, path, readCodes(file, path, rows), readCategories(file, categories));
}
