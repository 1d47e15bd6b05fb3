/**
 * Registry of encodings by kind. A new one is a file beside this one and a line in `kinds.ts`. Nothing here may change a
 * number: this file is no part of the identity of an encoded matrix (see `registryModule`).
 */
import { z } from 'zod';
import type { ExternalFile, Plain } from '../flow/stage.ts';
import type { AnyEncoding, GeneChoice } from './encoding.ts';
import * as listed from './kinds.ts';

export { OWN_NAMES } from './own-names.ts';

type Listed = (typeof listed)[keyof typeof listed];

const encodings: readonly Listed[] = Object.values(listed);
const byKind = new Map<string, AnyEncoding>(encodings.map((encoding) => [encoding.kind, encoding]));

export type EncodingKind = Listed['kind'];
export const encodingKinds: readonly EncodingKind[] = encodings.map(({ kind }) => kind).sort();

/**
 * URL of this file, for a stage that names the code of its instances by `encodingCode`: then editing one encoding leaves
 * the others up to date.
 */
export const registryModule = import.meta.url;

const [first, ...others] = encodings.map(({ schema }): Listed['schema'] => schema);

/** Schema of one encoding in the config: its kind and the options of that kind. */
export const encodingSchema = z.discriminatedUnion('kind', [first, ...others], {
  error: (issue) => {
    if (issue.code !== 'invalid_union') return undefined;
    const kind = (issue.input as { kind?: unknown }).kind;
    const found =
      kind === undefined ? 'an encoding needs a kind' : `unknown encoding ${JSON.stringify(kind)}`;
    return `${found}; known kinds: ${encodingKinds.join(', ')}`;
  },
});

export type EncodingOptions = z.output<typeof encodingSchema>;

export function encodingOf(kind: EncodingKind): AnyEncoding {
  return byKind.get(kind)!;
}

/** Options of an encoding that its bytes depend on: all but paths of files. */
export type EncodingParams = {
  readonly kind: EncodingKind;
  readonly genes: GeneChoice;
  readonly [option: string]: Plain;
};

export function encodingParams(options: EncodingOptions): EncodingParams {
  const { files } = encodingOf(options.kind);
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => !files.includes(name) && value !== undefined),
  ) as EncodingParams;
}

/** True if, with these options, the encoding draws random numbers. */
export function drawsRandom(options: EncodingOptions): boolean {
  return encodingOf(options.kind).random?.(encodingParams(options)) === true;
}

/** Paths of the files that an encoding reads, by option; several of one option by `option.name`. */
export function encodingFiles(options: EncodingOptions): Record<string, string> {
  const { files } = encodingOf(options.kind);
  const paths: Record<string, string> = {};
  for (const name of files) {
    const given = (options as Record<string, unknown>)[name];
    if (typeof given === 'string') paths[name] = given;
    else for (const [more, path] of Object.entries(given ?? {})) paths[`${name}.${more}`] = path;
  }
  return paths;
}

/** Code that an encoding runs, for `code` of a stage: its own file, and the user's file for an encoding of the user's own. */
export function encodingCode(options: EncodingOptions): string[] {
  const { module: file, code } = encodingOf(options.kind);
  return code === undefined ? [file] : [file, (options as Record<string, unknown>)[code] as string];
}

/** Files among a stage's inputs whose slots are `file.` and a name of `encodingFiles`, by that name. */
export function filesAmong(inputs: object): Record<string, ExternalFile> {
  const slots = Object.entries(inputs).filter(([slot]) => slot.startsWith('file.'));
  return Object.fromEntries(slots.map(([slot, file]) => [slot.slice('file.'.length), file]));
}
