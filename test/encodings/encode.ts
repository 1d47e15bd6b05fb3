/** Encodes small dense matrices in memory, for the tests of encodings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CsrBlock } from '../../lib/cells/csr.ts';
import type { EncodedBlock, Encoder } from '../../lib/encodings/encoding.ts';
import {
  type EncodingOptions,
  encodingFiles,
  encodingOf,
  encodingParams,
  encodingSchema,
} from '../../lib/encodings/index.ts';
import { randomSource } from '../../lib/flow/random.ts';
import { memoryMatrix } from '../helpers/memory-matrix.ts';

export interface Given {
  ids?: string[];
  names?: (string | null)[];
  used?: number[];
  totals?: ArrayLike<number>;
  cells?: string[];
  seed?: number;
}

export interface Encoded extends EncodedBlock {
  encoder: Encoder;
  readonly dense: number[][];
}

/** Rows of numbers as a CSR block. */
export function csr(rows: readonly (readonly number[])[], columns = rows[0]?.length ?? 0): CsrBlock {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of rows) {
    for (const [column, value] of row.entries()) {
      if (value === 0) continue;
      indices.push(column);
      values.push(value);
    }
    indptr.push(indices.length);
  }
  return {
    rows: rows.length,
    columns,
    indptr: Uint32Array.from(indptr),
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
}

export function dense({ rows, columns, indptr, indices, values }: CsrBlock): number[][] {
  return Array.from({ length: rows }, (_, row) => {
    const out = new Array<number>(columns).fill(0);
    for (let e = indptr[row]; e < indptr[row + 1]; e++) out[indices[e]] = values[e];
    return out;
  });
}

/** Encodes `rows` (cells × genes); totals are row sums unless given, and all genes are used. */
export async function encode(
  options: Record<string, unknown>,
  rows: readonly (readonly number[])[],
  given: Given = {},
): Promise<Encoded> {
  return encodeBlock(options, csr(rows), {
    totals: rows.map((row) => row.reduce((sum, x) => sum + x, 0)),
    ...given,
  });
}

export async function encodeBlock(
  options: Record<string, unknown>,
  block: CsrBlock,
  given: Given & { totals: ArrayLike<number> },
): Promise<Encoded> {
  const parsed: EncodingOptions = encodingSchema.parse(options);
  const encoding = encodingOf(parsed.kind);
  const ids = given.ids ?? Array.from({ length: block.columns }, (_, g) => `g${g}`);
  const totals = Float64Array.from(given.totals);
  const cells = given.cells ?? Array.from({ length: block.rows }, (_, c) => `cell${c}`);
  const encoder = await encoding.prepare({
    params: encodingParams(parsed),
    genes: {
      ids,
      names: given.names ?? ids.map(() => null),
      used: Uint8Array.from(given.used ?? ids.map(() => 1)),
    },
    totals,
    counts: memoryMatrix({ csr: block, cellIds: cells }),
    files: Object.fromEntries(
      Object.entries(encodingFiles(parsed)).map(([name, path]) => [name, { kind: 'file', path }]),
    ),
    random: randomSource(given.seed ?? 0, 'encode'),
  });
  const encoded = encoder.encodeBlock(block, { ids: cells, totals });
  return {
    ...encoded,
    encoder,
    // Made on demand: real data is too large for it.
    get dense() {
      return dense(encoded.matrix);
    },
  };
}

/** The model's input of each cell, as [gene, value]. */
export function modelOf({ model }: Encoded): [number, number][][] {
  const { offsets, genes, values } = model!;
  return Array.from({ length: offsets.length - 1 }, (_, row) =>
    Array.from({ length: offsets[row + 1] - offsets[row] }, (_, i): [number, number] => [
      genes[offsets[row] + i],
      values[offsets[row] + i],
    ]),
  );
}

let folder: string | undefined;

/** Writes a dictionary (or any text) to a scratch file and gives its path. */
export function scratchFile(name: string, content: unknown): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'rankloom-encodings-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  const path = join(mkdtempSync(join(folder, 'file-')), name);
  writeFileSync(
    path,
    content instanceof Uint8Array || typeof content === 'string' ? content : JSON.stringify(content),
  );
  return path;
}

export const ensembl = (n: number) => `ENSG${String(n).padStart(11, '0')}`;

/** Geneformer options with dictionaries for genes ENSG…0, 1, 2 … that have these medians; tokens from 10. */
export function geneformerOptions(medians: readonly number[], version: 'V1' | 'V2' = 'V1') {
  const genes = Object.fromEntries(medians.map((_, g) => [ensembl(g), 10 + g]));
  const specials =
    version === 'V1' ? { '<pad>': 0, '<mask>': 1 } : { '<pad>': 0, '<mask>': 1, '<cls>': 2, '<eos>': 3 };
  return {
    kind: 'geneformer',
    version,
    tokens: scratchFile('tokens.json', { ...specials, ...genes }),
    medians: scratchFile('medians.json', Object.fromEntries(medians.map((m, g) => [ensembl(g), m]))),
  };
}

export const ensemblIds = (n: number) => Array.from({ length: n }, (_, g) => ensembl(g));

/** Deterministic small counts, mostly zeros, with the given number of rows and columns. */
export function someCounts(rows: number, columns: number, seed = 0, max = 6): number[][] {
  const stream = randomSource(seed, 'test').stream('counts');
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => (stream.int(3) > 0 ? 0 : 1 + stream.int(max))),
  );
}
