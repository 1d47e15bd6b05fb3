/** Coordinates computed by another program, from the dataset's own file or from a separate file. */
import { z } from 'zod';
import { isSimulated } from '../cells/dataset.ts';
import type { TableInput } from '../data/kinds/types.ts';
import { readSourceEmbedding, sourceSlot } from '../data/readers/source.ts';
import { columnsOf, sourceCellsTable } from '../data/results/cell-tables.ts';
import { table } from '../flow/kinds/table.ts';
import { type ArtifactRef, from, fromFile } from '../flow/stage.ts';
import { MB } from '../flow/text/byte-units.ts';
import { defineEmbedding, type OptionProblem } from './method.ts';

const OBSM = 'obsm/';
const cellColumns = columnsOf(sourceCellsTable, 'cell_id');

type Params = {
  /** Array in the dataset's own file, and the column of obs that identifies a cell. */
  obsm?: string;
  cellId?: string;
  columns?: string[];
};

export const imported = defineEmbedding({
  module: import.meta.url,
  method: 'imported',
  about: 'Coordinates from a file.',
  options: {
    /** Source: `obsm/NAME` of the dataset's own file, or a .npy, .csv, .tsv, .parquet or .arrow file. */
    from: z.string().min(1),
    /** Columns that are dimensions; absent: those with a common prefix and consecutive numbers, or all of an array. */
    columns: z.array(z.string().min(1)).min(1).optional(),
    /** Matching of rows to cells: by the ids of the file or, for a file without ids, all cells in their order. */
    cells: z.enum(['by id', 'in order']).default('by id'),
  },
  check(options, { dataset }) {
    const problems: OptionProblem[] = [];
    if (options.from.startsWith(OBSM) && isSimulated(dataset)) {
      problems.push({
        option: 'from',
        message: 'simulated cells have no obsm; name a file, or set dataset.source to an .h5ad file',
      });
    }
    const lacksIds = options.from.toLowerCase().endsWith('.npy');
    if (lacksIds && options.cells !== 'in order') {
      problems.push({
        option: 'cells',
        message:
          "a .npy file has no cell ids: if its rows are all cells of the dataset in their order, say cells: 'in order'; else use a .csv, .parquet or .arrow file with a column cell_id",
      });
    }
    if (!lacksIds && options.cells === 'in order') {
      problems.push({
        option: 'cells',
        message:
          "only a .npy file is read in order; this one has cell ids, by which its rows are matched: leave 'cells' out",
      });
    }
    return problems;
  },
  params({ from: source, columns }, { dataset }): Params {
    if (!source.startsWith(OBSM) || isSimulated(dataset)) return { columns };
    return { obsm: source.slice(OBSM.length), cellId: dataset.cellId, columns };
  },
  inputs({ from: source }, { dataset }) {
    const isObsm = source.startsWith(OBSM);
    // All cells of the dataset, to identify the rows of a file.
    const cells: ArtifactRef<TableInput<typeof cellColumns>> | undefined = isObsm
      ? undefined
      : from('load.cells', table(cellColumns));
    return { source: (isObsm ? sourceSlot(dataset) : undefined) ?? fromFile(isObsm ? '' : source), cells };
  },
  needs: {
    // obsm: rows of the sampled cells only; a separate file: all rows.
    memory: ({ params, bytes: { source, sample, cells } }) =>
      128 * MB + 40 * cells + (params.obsm === undefined ? 3 * source : 80 * sample),
  },
  async run({ params: { obsm, cellId, columns }, inputs, cellIds }) {
    const { alignEmbedding, importNotes, readImportedEmbedding } = await import(
      '../data/imports/embedding.ts'
    );
    const { path } = inputs.source;
    const found =
      obsm === undefined
        ? await readImportedEmbedding(path, columns)
        : await readSourceEmbedding(path, obsm, { cellId, wanted: cellIds, columns });
    const all = (await inputs.cells?.read())?.cell_id ?? cellIds;
    const values = alignEmbedding(found, cellIds, all);
    return { dims: found.dims, values, notes: importNotes(found, all) };
  },
});
