/** Opens the source of cells that the config names. */
import { type DatasetConfig, datasetFile, isSimulated } from '../../cells/dataset.ts';
import { simulatedSource } from '../../cells/simulated/simulate.ts';
import type { CellSource } from '../../cells/source.ts';
import { dataError } from '../../errors.ts';
import { type ExternalFile, type ExternalFolder, fromPath, type PathRef } from '../../flow/stage.ts';
import type { ImportedEmbedding } from '../imports/embedding.ts';
import type { EmbeddingOptions, Reader } from './reader.ts';
import * as listed from './readers.ts';
import { requireThere, unreadSource } from './refuse.ts';

const readers: readonly Reader[] = Object.values(listed);

/** Readable formats, for messages. */
const READABLE = readers.map(({ reads }) => reads).join(', or ');

/** Finds the reader that recognises a file or folder. Throws a data error with its actual kind and the readable formats. */
export async function readerOf(path: string): Promise<Reader> {
  const stat = requireThere(path, READABLE);
  for (const reader of readers) if (await reader.recognise(path)) return reader;
  throw unreadSource(path, stat, READABLE);
}

/** Input of a stage for the file or folder of a dataset; undefined if its cells are simulated. */
export function sourceSlot(dataset: DatasetConfig): PathRef<ExternalFile | ExternalFolder> | undefined {
  const path = datasetFile(dataset);
  if (path === undefined) return undefined;
  return fromPath(path, { checkFolder: async (folder) => void (await readerOf(folder)) });
}

/**
 * Opens the cells of a dataset. For a file or folder, `given` has its path (params hold no path); the caller closes the
 * source. All problems with it are data errors.
 */
export async function openSource(
  dataset: DatasetConfig,
  given?: ExternalFile | ExternalFolder,
): Promise<CellSource> {
  if (isSimulated(dataset)) return simulatedSource(dataset);
  const path = given?.path ?? dataset.source;
  return (await readerOf(path)).open(path, dataset);
}

/** Reads coordinates that a file or folder holds beside its cells, `obsm/NAME`. */
export async function readSourceEmbedding(
  path: string,
  name: string,
  options: EmbeddingOptions,
): Promise<ImportedEmbedding> {
  const reader = await readerOf(path);
  if (reader.embedding !== undefined) return reader.embedding(path, name, options);
  throw dataError(`${reader.reads} holds no embeddings`, {
    expected: 'a file with the coordinates: .csv, .tsv, .parquet, .arrow or .npy',
    where: path,
  });
}
