/** Coordinates that another program computed: of the dataset's own file, or of a file beside it. */
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
  /** Of the dataset's own file: the array, and the column of obs that names a cell. */
  obsm?: string;
  cellId?: string;
  columns?: string[];
};

export const imported = defineEmbedding({
  module: import.meta.url,
  method: 'imported',
  about: 'Coordinates from a file.',
  options: {
    /** `obsm/NAME` of the dataset's own file, or a .npy, .csv, .tsv, .parquet or .arrow file. */
    from: z.string().min(1),
    /** Columns that are dimensions; absent: those with a common beginning and running numbers, all of an array. */
    columns: z.array(z.string().min(1)).min(1).optional(),
    /** Which row is which cell: by the ids of the file, or, of a file that has none, all cells in their order. */
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
    // All cells of the dataset, to know what rows of a file are.
    const cells: ArtifactRef<TableInput<typeof cellColumns>> | undefined = isObsm
      ? undefined
      : from('load.cells', table(cellColumns));
    return { source: (isObsm ? sourceSlot(dataset) : undefined) ?? fromFile(isObsm ? '' : source), cells };
  },
  needs: {
    // Rows of the sampled cells; of a file of its own, all.
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
