/** Encoding of the user's own: a file of theirs, named in the config. See own-encoding.ts for its content. */
import { dirname } from 'node:path';
import { z } from 'zod';
import { codeError, configError, OperationalError, toErrorInfo } from '../errors.ts';
import { countUsed, defineEncoding, type EncodeContext, type Encoder } from './encoding.ts';
import { importOwnEncoding } from './import-own.ts';
import type { OwnCell, OwnEncoder, OwnEncoding } from './own-encoding.ts';
import { type RowSink, rowEncoder } from './rows.ts';

/** Whether a value is JSON, so that it can stand in a key. */
function isPlain(value: unknown): boolean {
  if (value === null || ['boolean', 'string'].includes(typeof value)) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every(isPlain);
}

export const module = defineEncoding({
  module: import.meta.url,
  kind: 'module',
  about: "An encoding of the user's own, from a file.",
  source: 'the file',
  genes: 'hvg',
  options: {
    /** Path of a .ts or .js file whose default export is made with `defineEncoding`. */
    from: z.string().regex(/\.m?[jt]s$/, 'a file of code ends in .ts, .mts, .js or .mjs'),
    /** Values that the encoding receives as `params`. */
    params: z
      .record(z.string(), z.unknown().refine(isPlain, 'params are made of numbers, texts, lists and objects'))
      .default({}),
    /** Files that the encoding reads, by names of its own choice: their content counts. */
    files: z.record(z.string().min(1), z.string().min(1)).default({}),
    /** True if the encoding draws random numbers: then the seed counts. */
    random: z.boolean().default(false),
  },
  files: ['from', 'files'],
  code: 'from',
  random: (params) => params.random,
  async prepare(context): Promise<Encoder> {
    const { genes } = context;
    const code = context.files.from!.path;
    const own = await importOwnEncoding(code);
    const encoder = await prepareOwn(own, code, context);
    const columns = encoder.columns ?? genes.used.length;
    const write = encoder.columns === undefined ? perGene(code) : perColumn(code, encoder.columns);
    return rowEncoder({
      columns,
      metadata: {
        genesUsed: encoder.columns ?? countUsed(genes),
        layout: encoder.columns === undefined ? 'sparse' : 'dense',
        value: own.value,
      },
      extraEntries: encoder.columns ?? 0,
      encodeRow(block, row, total, id, out) {
        const start = block.indptr[row];
        const read = block.indices.subarray(start, block.indptr[row + 1]);
        const kept = Int32Array.from(read.keys()).filter((i) => genes.used[read[i]] === 1);
        const cell: OwnCell = {
          id,
          total,
          genes: kept.map((i) => read[i]),
          counts: Float32Array.from(kept, (i) => block.values[start + i]),
        };
        // A copy, since the user's code may change the arrays it receives.
        const columnsOfCell = cell.genes.slice();
        const values = guarded(code, `the encoding failed at cell "${id}"`, () => encoder.encode(cell));
        write(values, columnsOfCell, id, out);
      },
    });
  },
});

/** Checks the params and prepares the encoding for these genes. */
async function prepareOwn(
  own: OwnEncoding,
  code: string,
  { params, genes, totals, files, random }: EncodeContext<{ params: Record<string, unknown> }>,
): Promise<OwnEncoder> {
  const schema = own.params ?? z.strictObject({});
  const parsed = schema.safeParse(params.params);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw configError(
      `the encoding refuses its params: ${['params', ...issue.path].join('.')}: ${issue.message}`,
      {
        where: code,
        hint: 'set params of the encoding in the config',
      },
    );
  }
  const given = Object.entries(files).filter(([name]) => name.startsWith('files.'));
  const paths = Object.fromEntries(given.map(([name, file]) => [name.slice('files.'.length), file!.path]));
  let encoder: OwnEncoder;
  try {
    encoder = await own.prepare({ params: parsed.data, genes, totals, files: paths, random });
  } catch (error) {
    throw failure(code, 'the encoding failed while it was prepared', error);
  }
  const columns = encoder?.columns;
  const isEncoder =
    typeof encoder?.encode === 'function' &&
    (columns === undefined || (Number.isInteger(columns) && columns > 0));
  if (isEncoder) return encoder;
  throw configError('`prepare` of the encoding does not give an encoder', {
    expected:
      '{ encode: (cell) => numbers }, with `columns`, a whole number above 0, if cells become vectors',
    where: code,
  });
}

type Write = (values: ArrayLike<number>, genes: Int32Array, id: string, out: RowSink) => void;

function perGene(code: string): Write {
  return (values, genes, id, out) => {
    checkLength(values, genes.length, 'one for each detected gene of the cell', id, code);
    for (let i = 0; i < genes.length; i++) append(values[i], genes[i], id, code, out);
  };
}

function perColumn(code: string, columns: number): Write {
  return (values, _genes, id, out) => {
    checkLength(values, columns, 'one for each of `columns`', id, code);
    for (let i = 0; i < columns; i++) append(values[i], i, id, code, out);
  };
}

function append(value: number, column: number, id: string, code: string, out: RowSink): void {
  const rounded = Math.fround(value);
  if (typeof value !== 'number' || !Number.isFinite(rounded)) {
    throw configError(`the encoding gave ${shown(value)} for cell "${id}"`, {
      expected: 'finite numbers in 32 bits',
      where: code,
    });
  }
  if (rounded === 0) return; // no zero is stored
  out.indices[out.nnz] = column;
  out.values[out.nnz++] = rounded;
}

function checkLength(values: unknown, length: number, what: string, id: string, code: string): void {
  const isList = Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
  const found = isList ? `a list of ${(values as ArrayLike<number>).length}` : shown(values);
  if (isList && (values as ArrayLike<number>).length === length) return;
  throw configError(`the encoding gave ${found} for cell "${id}"`, {
    expected: `a list of ${length} numbers, ${what}`,
    where: code,
  });
}

const shown = (value: unknown) =>
  typeof value === 'object' && value !== null
    ? 'an object'
    : typeof value === 'function'
      ? 'a function'
      : String(value);

function guarded<T>(code: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failure(code, what, error);
  }
}

/** Error to report for anything that the user's code threw, with its place in that code. */
function failure(code: string, what: string, error: unknown): Error {
  if (error instanceof OperationalError) return error;
  const { message, stack } = toErrorInfo(error);
  const places = (stack ?? '').matchAll(/(?:file:\/\/)?(\/[^()]+:\d+:\d+)\)?$/gm);
  const here = [...places].map(([, place]) => place).find((place) => isBeside(place, code));
  return codeError(`${what}: ${message}`, { where: here ?? code, cause: error });
}

/** Whether a place lies in the user's file, or in one beside or below it. */
const isBeside = (place: string, code: string) =>
  place.startsWith(dirname(code)) && !place.includes('/node_modules/');
