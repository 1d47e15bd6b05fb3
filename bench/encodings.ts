/**
 * Times each encoding on simulated cells: 20,000 genes, about 2,000 detected, counts mostly 1 and 2.
 *
 *     node bench/encodings.ts [cells]
 *
 * Prints nanoseconds per stored count, cells per second, and seconds for 44,500 cells; the median of several runs
 * after a warm-up.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CsrBlock } from '../lib/cells/csr.ts';
import { encodingFiles, encodingOf, encodingParams, encodingSchema } from '../lib/encodings/index.ts';
import { randomSource } from '../lib/flow/random.ts';

const GENES = 20_000;
const RUNS = 7;
const cells = Number(process.argv[2] ?? 1000);
const random = randomSource(0, 'bench');

/** Detection falls off from gene to gene; counts of detected genes are geometric, some of them large. */
function simulate(): CsrBlock {
  const stream = random.stream('counts');
  const indptr = new Uint32Array(cells + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let c = 0; c < cells; c++) {
    for (let g = 0; g < GENES; g++) {
      if (stream.float64() >= 0.1) continue;
      const mean = g % 100 === 0 ? 60 : 0.7;
      indices.push(g);
      values.push(1 + Math.floor(-mean * Math.log(1 - stream.float64())));
    }
    indptr[c + 1] = indices.length;
  }
  return {
    rows: cells,
    columns: GENES,
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'rankloom-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
function dictionary(name: string, numberOf: (gene: number) => number, more = {}): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    JSON.stringify({ ...more, ...Object.fromEntries(ids.map((id, g) => [id, numberOf(g)])) }),
  );
  return path;
}

const ids = Array.from({ length: GENES }, (_, g) => `ENSG${String(g).padStart(11, '0')}`);
const block = simulate();
const totals = new Float64Array(cells);
for (let c = 0; c < cells; c++) {
  for (let e = block.indptr[c]; e < block.indptr[c + 1]; e++) totals[c] += block.values[e];
}
const medianStream = random.stream('medians');
const tokens = dictionary('tokens.json', (g) => g + 2);
const medians = dictionary('medians.json', () => 0.1 + 4 * medianStream.float64());
const list = dictionary('list.json', (g) => g);
const names = join(folder, 'names.txt');
writeFileSync(names, `${ids.join('\n')}\n`);

/** Vectors of so many dimensions for all genes, as .npy. */
function vectors(dims: number): string {
  const stream = random.stream('vectors', dims);
  const values = Float32Array.from({ length: GENES * dims }, () => stream.float64() - 0.5);
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${GENES}, ${dims}), }`;
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01', 'latin1');
  start.writeUInt16LE(header.length, 8);
  const path = join(folder, `vectors-${dims}.npy`);
  writeFileSync(path, Buffer.concat([start, Buffer.from(header), Buffer.from(values.buffer)]));
  return path;
}

const all = { genes: 'all' };
const cases: Record<string, unknown>[] = [
  { kind: 'counts', ...all },
  { kind: 'lognorm', ...all },
  { kind: 'rank', ...all },
  { kind: 'cell2sentence' },
  { kind: 'cell2sentence', ties: 'random' },
  { kind: 'geneformer', tokens, medians },
  { kind: 'geneformer', tokens, medians, ties: 'random' },
  { kind: 'rank-detected', ...all },
  { kind: 'genept-s' },
  { kind: 'genept-w', vectors: vectors(64), names },
  { kind: 'genept-w', vectors: vectors(512), names },
  { kind: 'scgpt', side: 'one', vocab: list },
  { kind: 'scgpt', vocab: list },
  { kind: 'scbert', index: list },
  { kind: 'scfoundation', index: list },
  { kind: 'uce' },
  { kind: 'uce', bag: 'sampled' },
];

const nnz = block.indptr[cells];
console.log(
  `${cells} cells × ${GENES} genes, ${Math.round(nnz / cells)} detected; Node ${process.version}, ${cpus()[0].model}`,
);
for (const given of cases) {
  const options = encodingSchema.parse(given);
  const encoder = await encodingOf(options.kind).prepare({
    params: encodingParams(options),
    genes: { ids, names: ids.map(() => null), used: new Uint8Array(GENES).fill(1) },
    totals,
    files: Object.fromEntries(
      Object.entries(encodingFiles(options)).map(([name, path]) => [name, { kind: 'file', path }]),
    ),
    random,
  });
  const times: number[] = [];
  for (let run = -2; run < RUNS; run++) {
    const start = performance.now();
    encoder.encodeBlock(block, { ids: ids.slice(0, cells), totals });
    if (run >= 0) times.push(performance.now() - start);
  }
  const ms = times.sort((a, b) => a - b)[RUNS >> 1];
  const { ties, side, bag } = given;
  const dims = options.kind === 'genept-w' ? `${encoder.columns} dimensions` : undefined;
  const detail = ties ? `ties ${ties}` : (side ?? bag ?? dims);
  const name = detail ? `${given.kind}, ${detail}` : String(given.kind);
  console.log(
    `${name.padEnd(28)} ${((1e6 * ms) / nnz).toFixed(1).padStart(7)} ns/count ${Math.round(
      (1000 * cells) / ms,
    )
      .toString()
      .padStart(10)} cells/s ${((44.5 * ms) / cells).toFixed(1).padStart(6)} s`,
  );
}
