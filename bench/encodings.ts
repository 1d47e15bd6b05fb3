/**
 * Times all encodings of one atlas in one run of the command line: 44,500 cells × 20,000 genes, about 2,000 detected.
 *
 *     node bench/encodings.ts [--cells 44500] [--workers 2] [--runs 1] [--blocks]
 *
 * Prints the time of the whole run, from the start of the process to its end, the largest memory, and the share of
 * each encoding: how long it was at work, beside others, and what part that is of all of it. The atlas is made once, and kept in
 * artifacts/bench; the dictionaries are made up. --blocks: encoding alone, of a block of cells in memory, without
 * reading, writing and hashing.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { matrix } from '../lib/data/kinds/matrix.ts';
import { encodingFiles, encodingOf, encodingParams, encodingSchema } from '../lib/encodings/index.ts';
import { randomSource } from '../lib/flow/random.ts';
import { type Atlas, folder, rankloom, writeConfig } from './helpers/atlas.ts';

const { values: options } = parseArgs({
  options: {
    cells: { type: 'string', default: '44500' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    runs: { type: 'string', default: '1' },
    blocks: { type: 'boolean', default: false },
  },
});
const CELLS = Number(options.cells);
const GENES = 20_000;
const DIMS = 512;
/** With this median of counts about 2,000 genes are detected. */
const ATLAS: Atlas = { cells: CELLS, genes: GENES, types: 89, depth: 3100 };

const ids = Array.from({ length: GENES }, (_, g) => `SIM${String(g + 1).padStart(5, '0')}`);
const random = randomSource(0, 'bench');
const files = join(folder, 'dictionaries');
mkdirSync(files, { recursive: true });

function dictionary(name: string, numberOf: (gene: number) => number): string {
  const path = join(files, name);
  writeFileSync(path, JSON.stringify(Object.fromEntries(ids.map((id, g) => [id, numberOf(g)]))));
  return path;
}

/** A vector for each gene, as .npy. */
function vectors(): string {
  const stream = random.stream('vectors');
  const values = Float32Array.from({ length: GENES * DIMS }, () => stream.float64() - 0.5);
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${GENES}, ${DIMS}), }`;
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01', 'latin1');
  start.writeUInt16LE(header.length, 8);
  const path = join(files, 'vectors.npy');
  writeFileSync(path, Buffer.concat([start, Buffer.from(header), Buffer.from(values.buffer)]));
  return path;
}

const stream = random.stream('medians');
const tokens = dictionary('tokens.json', (g) => g + 2);
const medians = dictionary('medians.json', () => 0.1 + 4 * stream.float64());
const index = dictionary('index.json', (g) => g);
const names = join(files, 'names.txt');
writeFileSync(names, `${ids.join('\n')}\n`);

const all = { genes: 'all' };
const ENCODINGS: Record<string, { kind: string; [option: string]: unknown }> = {
  counts: { kind: 'counts', ...all },
  lognorm: { kind: 'lognorm', ...all },
  rank: { kind: 'rank', ...all },
  'rank-detected': { kind: 'rank-detected', ...all },
  cell2sentence: { kind: 'cell2sentence' },
  geneformer: { kind: 'geneformer', tokens, medians },
  'genept-s': { kind: 'genept-s' },
  'genept-w': { kind: 'genept-w', vectors: vectors(), names },
  scgpt: { kind: 'scgpt', vocab: index },
  scbert: { kind: 'scbert', index },
  scfoundation: { kind: 'scfoundation', index },
  uce: { kind: 'uce' },
};

const config = writeConfig('encodings', ATLAS, {
  encodings: ENCODINGS,
  embeddings: {},
  measures: {},
  joint: [],
  fidelity: null,
});
const workers = Number(options.workers);
const row = (cells: (string | number)[]) =>
  cells.map((cell, i) => (i === 0 ? String(cell).padEnd(16) : String(cell).padStart(14))).join('');

console.log(
  `${CELLS} cells × ${GENES} genes; Node ${process.version}, ${cpus()[0].model}, ${workers} workers`,
);
await rankloom(config, ['run', 'hvg'], workers);
if (options.blocks) await timeBlocks();
else for (let run = 0; run < Number(options.runs); run++) await timeRun();

async function timeRun(): Promise<void> {
  const { seconds, megabytes, cpu } = await rankloom(config, ['run', 'encode', '--force', 'encode'], workers);
  console.log(
    `all encodings: ${seconds.toFixed(1)} s, ${cpu?.toFixed(1) ?? '?'} s of processors, ${megabytes?.toFixed(0) ?? '?'} MB`,
  );
  const taken = lastTimes();
  const times = Object.keys(ENCODINGS).map((name) => ({ name, durationMs: taken.get(`encode[${name}]`)! }));
  const sum = times.reduce((total, { durationMs }) => total + durationMs, 0);
  console.log(row(['encoding', 'at work, s', 'share, %']));
  for (const { name, durationMs } of times) {
    console.log(row([name, (durationMs / 1000).toFixed(1), ((100 * durationMs) / sum).toFixed(0)]));
  }
}

/** How long each encoding took in the last run of the bench's store. */
function lastTimes(): Map<string, number> {
  const runs = join(folder, 'store', 'runs');
  const last = readdirSync(runs).sort().at(-1)!;
  const { actions } = JSON.parse(readFileSync(join(runs, last, 'manifest.json'), 'utf8'));
  return new Map(
    (actions as { target: string; durationMs: number }[]).map(({ target, durationMs }) => [
      target,
      durationMs,
    ]),
  );
}

/** Encodes one block several times; the median. */
async function timeBlocks(): Promise<void> {
  const RUNS = 5;
  const input = matrix().input(join(folder, 'store', 'latest', 'counts.arrow'));
  const counts = await input.open();
  const blocks = counts.blocks()[Symbol.asyncIterator]();
  const { value: block } = await blocks.next();
  const nnz = block.indptr[block.rows];
  const totals = new Float64Array(block.rows);
  for (let c = 0; c < block.rows; c++) {
    for (let e = block.indptr[c]; e < block.indptr[c + 1]; e++) totals[c] += block.values[e];
  }
  console.log(`a block of ${block.rows} cells, ${Math.round(nnz / block.rows)} genes detected`);
  console.log(row(['encoding', 'ns a count', 'cells/s', `${CELLS} cells, s`]));
  for (const [name, given] of Object.entries(ENCODINGS)) {
    const parsed = encodingSchema.parse(given);
    const encoder = await encodingOf(parsed.kind).prepare({
      params: encodingParams(parsed),
      genes: { ids, names: ids.map(() => null), used: new Uint8Array(GENES).fill(1) },
      totals,
      counts: input,
      files: Object.fromEntries(
        Object.entries(encodingFiles(parsed)).map(([file, path]) => [file, { kind: 'file', path }]),
      ),
      random,
    });
    const times: number[] = [];
    for (let run = -1; run < RUNS; run++) {
      const start = process.cpuUsage();
      encoder.encodeBlock(block, { ids: block.cellIds, totals });
      const { user, system } = process.cpuUsage(start);
      if (run >= 0) times.push((user + system) / 1e6);
    }
    const seconds = times.sort((a, b) => a - b)[RUNS >> 1];
    const scaled = (seconds * CELLS) / block.rows;
    const perCount = (1e9 * seconds) / nnz;
    console.log(row([name, perCount.toFixed(1), Math.round(block.rows / seconds), scaled.toFixed(1)]));
  }
  await blocks.return?.();
  await counts.close();
}
