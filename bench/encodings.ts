/**
 * Times each encoding on simulated cells: 20,000 genes, about 2,000 detected, counts mostly 1 and 2.
 *
 *     node bench/encodings.ts [cells]
 *
 * Prints nanoseconds per stored count and cells per second; the median of several runs after a warm-up.
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
const all = { genes: 'all' };
const cases: Record<string, unknown>[] = [
  { kind: 'counts', ...all },
  { kind: 'lognorm', ...all },
  { kind: 'rank', ...all },
  { kind: 'cell2sentence' },
  { kind: 'cell2sentence', ties: 'random' },
  { kind: 'geneformer', tokens, medians },
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
  const name = given.ties ? `${given.kind}, ties ${given.ties}` : String(given.kind);
  console.log(
    `${name.padEnd(28)} ${((1e6 * ms) / nnz).toFixed(1).padStart(7)} ns/count ${Math.round(
      (1000 * cells) / ms,
    )
      .toString()
      .padStart(10)} cells/s`,
  );
}
