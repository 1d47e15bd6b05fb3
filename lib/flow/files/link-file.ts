/** Hard links. */
import { constants, copyFileSync, linkSync } from 'node:fs';
import { isUnsupported, syncFile } from './durable.ts';

/**
 * Creates a hard link at `path` to a file. A symbolic link would not do: a browser follows it to the object, which has no
 * extension, and shows a page as text. Makes a copy if the file system does not support hard links, or does not allow one
 * to another user's file.
 */
export function linkFile(file: string, path: string): void {
  try {
    linkSync(file, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!isUnsupported(error) && !['EXDEV', 'EMLINK', 'EACCES'].includes(code)) throw error;
    copyFileSync(file, path, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    syncFile(path);
  }
}
