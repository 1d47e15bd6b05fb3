/**
 * All pairs of many cells: time, memory and disk of `similarity` where pairs of types have more pairs than are held in
 * memory, and medians of ten pairs of types against NumPy.
 *
 *     PYTHON=python3 node bench/large.ts [--sizes 66000x20,200000x89] [--genes n] [--workers n]
 *
 * A size is cells x types. Relations at cut-offs are counted too, as by default. Memory is VmHWM of the
 * whole process (on Linux); disk is what the parts of all rounds hand to the merge. Atlases are made once and kept in artifacts/bench: of 200,000 cells they take 2 GB. PYTHON has numpy and pyarrow; without it
 * nothing is compared.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parquet } from '../lib/data/kinds/parquet.ts';
import { measurePairsTable } from '../lib/data/results/tables.ts';
import { openStore } from '../lib/flow/index.ts';
import type { ContentHash } from '../lib/flow/keys/key.ts';
import { folder, rankloom, remake, writeConfig } from './helpers/atlas.ts';
import { root } from './helpers/command.ts';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '66000x20,200000x89' },
    genes: { type: 'string', default: '2435' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
});
const WORKERS = Number(options.workers);
const PYTHON = process.env.PYTHON;
const TARGET = 'similarity[rank-spearman]';
/** Our own error and that of the peer's order of addition. */
const TOLERANCE = 1e-6;

const store = openStore(join(folder, 'store'));

async function checkMedians(pairs: ContentHash): Promise<void> {
  if (PYTHON === undefined) return console.log('  PYTHON is not set: medians are not compared');
  const table = await parquet(measurePairsTable).input(store.objectPath(pairs)).read();
  // Ten rows at equal steps: pairs of a type with itself and with others.
  const rows = Array.from({ length: 10 }, (_, i) => Math.floor((i * (table.median.length - 1)) / 9));
  const asked = join(folder, 'pairs.json');
  writeFileSync(asked, JSON.stringify(rows.map((row) => [table.type_a[row], table.type_b[row]])));
  const { latest } = store.layout;
  const files = [join(latest, 'counts.arrow'), join(latest, 'cells.arrow'), asked];
  const peer = join(root, 'bench/peers/medians_numpy.py');
  const expected: number[] = JSON.parse(execFileSync(PYTHON, [peer, ...files], { encoding: 'utf8' }));
  const off = Math.max(...rows.map((row, i) => Math.abs(table.median[row] - expected[i])));
  console.log(
    `  medians of ${rows.length} pairs of types differ from NumPy's by at most ${off.toExponential(1)}`,
  );
  if (!(off <= TOLERANCE)) throw new Error('the peer finds other medians');
}

console.log(`${cpus()[0].model}, ${WORKERS} threads, Node ${process.versions.node}, ${options.genes} genes`);
for (const size of options.sizes.split(',')) {
  const [cells, types] = size.split('x').map(Number);
  const atlas = { cells, genes: Number(options.genes), types, depth: null };
  const config = writeConfig(`large-${size}`, atlas, {
    measures: { 'rank-spearman': { of: 'rank', metric: 'spearman' } },
    joint: [],
  });
  await rankloom(config, ['run', 'encode[rank]'], WORKERS);
  const { seconds, megabytes, cpu } = await remake(config, [TARGET], WORKERS);
  const { outputs, work } = store.lastRecord(TARGET)!;
  const figures = [
    `${seconds.toFixed(1)} s`,
    cpu === null ? '' : `${cpu.toFixed(1)} s of processors`,
    megabytes === null ? '' : `${megabytes.toFixed(0)} MB of memory`,
    `${(work!.bytes / 1e6).toFixed(0)} MB of parts`,
    `${(((cells * (cells - 1)) / 2 / seconds) * 1e-6).toFixed(0)} M pairs/s`,
  ];
  console.log(`\n${cells.toLocaleString('en')} cells of ${types} types\n  ${figures.join(', ')}`);
  await checkMedians(outputs.pairs.hash);
}
