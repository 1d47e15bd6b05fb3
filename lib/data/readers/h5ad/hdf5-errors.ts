/** Translation of failures inside the HDF5 library into errors for people. */
import { basename } from 'node:path';
import { dataError, OperationalError } from '../../../errors.ts';
import { NotUtf8At } from './h5wasm-text.ts';

/**
 * Runs a look-up; undefined where it is refused (a link that leads out, a foreign encoding): that is reported where it
 * counts.
 */
export function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof OperationalError) return undefined;
    throw error;
  }
}

/** File that was read when the library itself stopped: its results after that are meaningless. */
let stopped: string | undefined;

/** Runs a call into the HDF5 library and turns its errors into errors for people. */
export function attempt<T>(file: string, what: string, call: () => T): T {
  if (stopped !== undefined) {
    throw dataError(`the HDF5 library stopped while it read ${stopped} and cannot be used again`, {
      where: file,
      hint: 'Leave that file out and start again.',
    });
  }
  try {
    return call();
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    if (isFatal(error)) stopped = file;
    throw explain(file, what, error);
  }
}

/** A trap or an abort leaves the library's memory in any state. */
const isFatal = (error: unknown) =>
  (error instanceof Error && error.name === 'RuntimeError') ||
  (error instanceof Error && error.message.startsWith('Aborted('));

function explain(file: string, what: string, error: unknown): OperationalError {
  if (error instanceof NotUtf8At) {
    return dataError(`${what} holds text that is not UTF-8: "${error.shown}" in row ${error.row + 1}`, {
      expected: 'text in UTF-8',
      where: file,
      hint: 'Which letters are meant cannot be told from the file. Write the text again in UTF-8; in R, first convert it: x <- iconv(x, from = "latin1", to = "UTF-8")',
      cause: error,
    });
  }
  const text = error instanceof Error ? error.message : String(error);
  const truncated = /truncated file: eof = (\d+),.*stored_eof = (\d+)/.exec(text);
  if (truncated !== null) {
    return dataError(`the file is truncated: it has ${truncated[1]} of ${truncated[2]} bytes`, {
      where: file,
      hint: 'Copy or download it again.',
      cause: error,
    });
  }
  if (/already open for (write|read-only|SWMR)|h5clear/.test(text)) {
    return dataError('the file was never closed by the program that writes it', {
      expected: 'a file that was closed after writing',
      where: file,
      hint: `If it is still being written, wait, or close it there (file.close()). If the program died, clear the mark on a copy and see whether all is there, or write the file again:\n  cp ${basename(file)} copy.h5ad && h5clear --status copy.h5ad    # h5clear comes with the HDF5 tools (hdf5-tools)`,
      cause: error,
    });
  }
  if (/Memory allocation of|Requested allocation of|out of memory/.test(text)) {
    return dataError(
      `${what} takes more memory at once than a reader of HDF5 files has here: ${firstLine(text)}`,
      {
        where: file,
        hint: 'Write the file again with anndata; its chunks are smaller.',
        cause: error,
      },
    );
  }
  // The library prints its whole call stack; the innermost frame has the cause.
  const frames = [...text.matchAll(/#\d+: .* in \w+\(\): (.*)/g)];
  const innermost = frames.at(-1)?.[1] ?? firstLine(text);
  const isChunk = /filter returned failure|checksum/i.test(innermost);
  const reason = isChunk ? 'a part of it does not unpack or fails its checksum' : innermost;
  return dataError(`cannot read ${what}: ${reason}`, {
    where: file,
    hint: 'The file may be damaged or incomplete: copy or download it again, or check it with h5dump.',
    cause: error,
  });
}

const firstLine = (text: string) => text.split('\n')[0];
