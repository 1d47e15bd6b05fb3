/** Suggested config for a data file, for `inspect --config` and `init --from`. */
import { isAbsolute, relative, resolve } from 'node:path';
import type { FileDataset } from '../cells/dataset.ts';
import type { Inspection } from '../data/readers/inspection.ts';
import { dataError } from '../errors.ts';

export interface SuggestOptions {
  readonly label?: string;
  readonly batch?: string;
}

/**
 * Text of a config that is TypeScript, JavaScript and JSON5 alike.
 *
 * @param folder folder of the config to be written: its paths count from there
 * @throws a data error if no study can be made of the file, so that no unusable config is written
 */
export async function suggestFor(
  file: string,
  { label, batch }: SuggestOptions,
  folder: string = process.cwd(),
): Promise<{ text: string; choices: string[] }> {
  const { inspectFile } = await import('../data/inspect/inspect.ts');
  const { suggestConfig } = await import('../data/inspect/suggest.ts');
  const { suggestedConfigText } = await import('../data/inspect/render.ts');
  const inspection = await inspectFile(file, { label, batch });
  const { config, reasons, problem } = suggestConfig(inspection);
  if (problem !== undefined) {
    const { message, expected, hint } = problem;
    throw dataError(message, { expected, hint, where: file });
  }
  await requireReadable({ ...config.dataset, source: file }, inspection);
  const path = relative(folder, resolve(file));
  const source = path.startsWith('..') || isAbsolute(path) ? resolve(file) : path;
  const { dataset, subset } = config;
  const choices = [
    ['label', dataset.label, reasons.label],
    ['batch', dataset.batch ?? 'none', reasons.batch],
    ['counts', dataset.matrix, reasons.matrix],
    [
      'gene ids',
      `${dataset.geneId === 'index' ? 'index of var' : dataset.geneId}${dataset.geneIdVersions === undefined ? '' : ', versions taken off'}`,
      reasons.geneId ?? reasons.geneIdVersions,
    ],
    ['cells of a type', `at least ${subset.minCellsPerType}`, reasons.minCellsPerType],
  ].map(([what, value, reason]) => `  ${what}: ${value}${reason === undefined ? '' : `. ${reason}`}`);
  return {
    text: suggestedConfigText({ ...inspection, path: source }),
    choices: [...choices, ...inspection.notes.map((text) => `  note: ${text}`)],
  };
}

/**
 * Reads what the stage `load` reads before its pass over the counts, and the first block of counts: repeated names, a
 * label column without values and values that are no counts become data errors already here.
 */
async function requireReadable(dataset: FileDataset, { matrices, counts }: Inspection): Promise<void> {
  const { openSource } = await import('../data/readers/source.ts');
  const source = await openSource(dataset);
  try {
    await source.cellIds();
    await source.labels();
    await source.batches();
    await source.geneIds();
    await source.choices();
    // Rows of a matrix that is stored by column need a pass over all of it.
    if (matrices.find(({ name }) => name === counts)?.layout === 'csc') return;
    for await (const _ of source.rows()) break;
  } finally {
    await source.close();
  }
}
