/** Text of users' files, which must be UTF-8: a sign in place of what cannot be read would make two names one. */
import { isUtf8 } from 'node:buffer';
import { dataError } from '../../errors.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Bytes of a file as text; a byte order mark is kept.
 *
 * @param line the first line of the bytes, to say where they are no UTF-8
 */
export function decodeUtf8(bytes: Buffer, path: string, line = 1): string {
  if (isUtf8(bytes)) return decoder.decode(bytes);
  let end = bytes.indexOf(NEWLINE);
  for (let at = 0; end >= 0 && isUtf8(bytes.subarray(at, end)); line++) {
    at = end + 1;
    end = bytes.indexOf(NEWLINE, at);
  }
  throw dataError('the text is not UTF-8', {
    expected: 'text in UTF-8',
    where: `${path}:${line}`,
    hint: 'Convert the file from the encoding that it is in, such as latin1: iconv -f latin1 -t utf-8',
  });
}

const NEWLINE = 0x0a;
