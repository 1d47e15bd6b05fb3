/**
 * The registry of encodings. A new one is a file beside this one, and here its import, its place in `encodings` and its
 * options in `encodingSchema`. Nothing here may change a number:
 * this file is no part of the identity of an encoded matrix (see `registryModule`).
 */
import { z } from 'zod';
import type { ExternalFile, Plain } from '../flow/stage.ts';
import { cell2sentence } from './cell2sentence.ts';
import { counts } from './counts.ts';
import type { AnyEncoding, GeneChoice } from './encoding.ts';
import { geneformer } from './geneformer.ts';
import { geneptS } from './genept-s.ts';
import { geneptW } from './genept-w.ts';
import { lognorm } from './lognorm.ts';
import { module } from './module.ts';
import { rank } from './rank.ts';
import { rankDetected } from './rank-detected.ts';
import { scbert } from './scbert.ts';
import { scfoundation } from './scfoundation.ts';
import { scgpt } from './scgpt.ts';
import { uce } from './uce.ts';

export const encodings = {
  counts,
  lognorm,
  rank,
  'rank-detected': rankDetected,
  cell2sentence,
  geneformer,
  'genept-s': geneptS,
  'genept-w': geneptW,
  scgpt,
  scbert,
  scfoundation,
  uce,
  module,
} as const;

export { OWN_NAMES } from './own-names.ts';

export type EncodingKind = keyof typeof encodings;
export const encodingKinds = Object.keys(encodings) as EncodingKind[];

/**
 * This file, for a stage that names the code of its instances by `encodingCode`: then editing one encoding leaves the
 * others up to date.
 */
export const registryModule = import.meta.url;

/** What stands in the config for one encoding: its kind and the options of that kind. */
export const encodingSchema = z.discriminatedUnion(
  'kind',
  [
    counts.schema,
    lognorm.schema,
    rank.schema,
    rankDetected.schema,
    cell2sentence.schema,
    geneformer.schema,
    geneptS.schema,
    geneptW.schema,
    scgpt.schema,
    scbert.schema,
    scfoundation.schema,
    uce.schema,
    module.schema,
  ],
  {
    error: (issue) => {
      if (issue.code !== 'invalid_union') return undefined;
      const kind = (issue.input as { kind?: unknown }).kind;
      const found =
        kind === undefined ? 'an encoding needs a kind' : `unknown encoding ${JSON.stringify(kind)}`;
      return `${found}; known kinds: ${encodingKinds.join(', ')}`;
    },
  },
);

export type EncodingOptions = z.output<typeof encodingSchema>;

export function encodingOf(kind: EncodingKind): AnyEncoding {
  return encodings[kind];
}

/** The options of an encoding that its bytes depend on: all but paths of files. */
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

/** The paths of the files that an encoding reads, by option; several of one option by `option.name`. */
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

/** The code that an encoding runs, for `code` of a stage: its own file, and the user's if it is one of theirs. */
export function encodingCode(options: EncodingOptions): string[] {
  const { module: file, code } = encodingOf(options.kind);
  return code === undefined ? [file] : [file, (options as Record<string, unknown>)[code] as string];
}

/** The files among a stage's inputs whose slots are `file.` and a name of `encodingFiles`, by that name. */
export function filesAmong(inputs: object): Record<string, ExternalFile> {
  const slots = Object.entries(inputs).filter(([slot]) => slot.startsWith('file.'));
  return Object.fromEntries(slots.map(([slot, file]) => [slot.slice('file.'.length), file]));
}
