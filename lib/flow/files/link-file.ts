/** A second name for a file. */
import { constants, copyFileSync, linkSync } from 'node:fs';
import { isUnsupported, syncFile } from './durable.ts';

/**
 * Not a symbolic link: a browser follows one to the object, which has no extension, and shows the page as text. Where
 * the file system has no hard links, or allows none to a file of another user, it is a copy.
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
