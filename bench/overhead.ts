/**
 * What the framework itself takes: `--help`, a study that is up to date, and graphs of many trivial actions, made
 * durably and then up to date; Snakemake on the same graph beside it.
 *
 *     SNAKEMAKE=snakemake node bench/overhead.ts [--runs 3] [--large]
 *
 * Times are of whole processes, the least of `runs` (first runs of large graphs: one). --large adds 10,000 actions.
 * Processor time is what tells on a machine that others use too. Memory of the scheduler is what a graph adds to the
 * peak (VmHWM) of a no-op run, by action. Snakemake runs with as many cores and without its locks, which it does not
 * need here; without it only our own times are printed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, large: { type: 'boolean', default: false } },
});
const RUNS = Number(options.runs);
const WORKERS = String(availableParallelism());
const SNAKEMAKE = process.env.SNAKEMAKE ?? 'snakemake';
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'rankloom-overhead-'));

interface Measured {
  readonly seconds: number;
  readonly cpu: number;
  readonly megabytes: number;
}

/** Runs a command to its end. Its resources come from the kernel's account of children, through `time`. */
function measure(command: string, args: readonly string[], cwd: string): Promise<Measured> {
  const account = join(folder, 'account');
  const start = performance.now();
  const script =
    'import os,resource,subprocess,sys,time\nt=time.perf_counter()\np=subprocess.Popen(sys.argv[2:])\n_,s,r=os.wait4(p.pid,0)\nt=time.perf_counter()-t\nopen(sys.argv[1],"w").write(f"{r.ru_utime+r.ru_stime} {r.ru_maxrss} {t}")\nsys.exit(os.waitstatus_to_exitcode(s))';
  const hasPython = PYTHON !== undefined;
  const child = hasPython
    ? spawn(PYTHON, ['-c', script, account, command, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
    : spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-3000);
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      if (code !== 0) return fail(new Error(`${command} ${args.join(' ')} ended with ${code}: ${said}`));
      // The start of the interpreter that keeps the account is not the command's.
      const [cpu, kilobytes, seconds] = hasPython
        ? readFileSync(account, 'utf8').split(' ').map(Number)
        : [Number.NaN, Number.NaN, (performance.now() - start) / 1000];
      done({ seconds, cpu, megabytes: kilobytes / 1024 });
    });
  });
}

const PYTHON = ['python3', 'python'].find((name) => works(name, '--version'));

function works(command: string, argument: string): boolean {
  try {
    execFileSync(command, [argument], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function least(runs: number, run: () => Promise<Measured>): Promise<Measured> {
  let best: Measured | undefined;
  for (let i = 0; i < runs; i++) {
    const measured = await run();
    if (best === undefined || measured.seconds < best.seconds) best = measured;
  }
  return best!;
}

function print(what: string, { seconds, cpu, megabytes }: Measured, asked?: number): void {
  const columns = [`${seconds.toFixed(2)} s`, `${cpu.toFixed(2)} s cpu`, `${megabytes.toFixed(0)} MB`];
  console.log(
    `${what.padEnd(44)}${columns.map((c) => c.padStart(13)).join('')}${asked === undefined ? '' : `   asked: ${asked} s`}`,
  );
}

const rankloom = (...args: string[]) =>
  measure(process.execPath, [join(root, 'lib/cli/main.ts'), ...args], folder);

async function study(): Promise<void> {
  print('rankloom --help', await least(RUNS, () => rankloom('--help')), 0.15);
  const config = join(folder, 'study.config.json');
  writeFileSync(
    config,
    JSON.stringify({
      dataset: { source: 'simulated', cells: 400, genes: 300, types: 4 },
      subset: { minGenes: null, minCellsPerType: 20, cellsPerType: 50 },
    }),
  );
  const args = ['run', '--config', config, '--store', join(folder, 'study'), '--quiet'];
  await rankloom(...args);
  print('study up to date', await least(RUNS, () => rankloom(...args)), 0.25);
}

/** Returns the peak memory of a run that is up to date, in megabytes. */
async function ours(actions: number, asked: { first: number; noop: number }): Promise<number> {
  const config = join(folder, `many-${actions}.config.json`);
  const store = join(folder, `many-${actions}`);
  writeFileSync(config, JSON.stringify({ actions }));
  const app = join(root, 'bench/helpers/trivial/app.ts');
  const run = () =>
    measure(
      process.execPath,
      [app, 'run', '--config', config, '--store', store, '--workers', WORKERS, '--quiet'],
      folder,
    );
  const first = await least(actions > 1000 ? 1 : RUNS, () => {
    rmSync(store, { recursive: true, force: true });
    return run();
  });
  print(`${actions} actions, first run, durable`, first, asked.first);
  const noop = await least(RUNS, run);
  print(`${actions} actions, up to date`, noop, asked.noop);
  return noop.megabytes;
}

async function snakemake(actions: number): Promise<void> {
  const work = join(folder, `snakemake-${actions}`);
  mkdirSync(work);
  cpSync(join(root, 'bench/peers/Snakefile'), join(work, 'Snakefile'));
  const run = () =>
    measure(
      SNAKEMAKE,
      ['--cores', WORKERS, '--quiet', 'all', '--nolock', '--config', `actions=${actions}`],
      work,
    );
  print(`Snakemake: ${actions} jobs, first run`, await run());
  print(`Snakemake: ${actions} jobs, up to date`, await least(RUNS, run));
}

console.log(`${cpus()[0].model}, ${WORKERS} cores, Node ${process.versions.node}`);
try {
  if (!existsSync(join(root, 'lib/kernels/pairs.wasm')))
    throw new Error('the kernels are not built: make build');
  await study();
  const small = await ours(1000, { first: 3, noop: 0.5 });
  if (options.large) {
    const large = await ours(10_000, { first: 40, noop: 3 });
    console.log(`scheduler: ${(((large - small) / 9000) * 1024).toFixed(1)} kB an action`);
  }
  if (works(SNAKEMAKE, '--version')) {
    console.log(`Snakemake ${execFileSync(SNAKEMAKE, ['--version'], { encoding: 'utf8' }).trim()}`);
    await snakemake(1000);
  } else console.log(`no Snakemake (${SNAKEMAKE}): pip install snakemake, or name it by SNAKEMAKE=…`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
