/**
 * Random projects of modules through random edits. What Node computes from the files of a state is the oracle: two
 * states with one identity must have one value, and an identity that is remembered from the state before must be the one
 * that is found out with an empty store.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodeIdentities } from '../../../lib/flow/code/identity.ts';
import { StatCache } from '../../../lib/flow/keys/stat-cache.ts';
import { randomSource } from '../../../lib/flow/random.ts';
import { type Edit, edit, type Files, randomProject } from './project.ts';

export interface Counts {
  graphs: number;
  states: number;
  /** States in which the code is refused. */
  refused: number;
  /** States of which Node makes nothing. */
  failing: number;
  /** Edits that change a value, and that cannot, and of these those that keep the identity. */
  changing: number;
  idle: number;
  idleKept: number;
}

interface State {
  readonly seed: number;
  readonly edits: readonly Edit[];
  readonly identity: string;
  readonly main: string;
}

const EVALUATE = fileURLToPath(new URL('./evaluate.ts', import.meta.url));

/** Checks some projects; throws an error that names all that is wrong. */
export async function checkGraphs(first: number, graphs: number, edits: number): Promise<Counts> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-code-')));
  try {
    const wrong: string[] = [];
    const states: State[][] = [];
    for (let seed = first; seed < first + graphs; seed++) {
      states.push(await statesOf(join(home, String(seed)), seed, edits, wrong));
    }
    const counts = compare(states, evaluate(home, states.flat()), wrong);
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    return counts;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function statesOf(home: string, seed: number, edits: number, wrong: string[]): Promise<State[]> {
  const random = randomSource(seed, 'code').stream('project');
  const files = randomProject(random);
  const states: State[] = [];
  const done: Edit[] = [];
  const place = join(home, 'now');
  let written: Files = new Map();
  for (let step = 0; step <= edits; step++) {
    if (step > 0) done.push(edit(files, random));
    write(place, files, written);
    written = new Map(files);
    const main = join(place, 'project/main.mjs');
    const warm = await identify(main, join(home, 'store'));
    const cold = await identify(main, join(home, `empty-${step}`));
    if (warm !== cold) {
      wrong.push(`SEED=${seed}: remembered\n  ${warm}\nfound out anew\n  ${cold}\nafter ${names(done)}`);
    }
    const copy = join(home, `state-${step}`);
    write(copy, files, new Map());
    states.push({ seed, edits: [...done], identity: cold, main: join(copy, 'project/main.mjs') });
  }
  return states;
}

/** An identity with its pieces, or why there is none. */
async function identify(module: string, store: string): Promise<string> {
  const stats = new StatCache(join(store, 'files.json'));
  const identities = new CodeIdentities(
    { cacheFile: join(store, 'code.json'), texts: join(store, 'code') },
    stats,
  );
  await identities.prepare([{ module }]);
  stats.save();
  identities.save();
  try {
    const { hash, pieces } = identities.get({ module });
    return `${hash} ${JSON.stringify(pieces)}`;
  } catch (error) {
    const { message, where } = error as { message: string; where?: string };
    return `refused: ${message} ${where}`;
  }
}

function write(place: string, files: Files, before: Files): void {
  for (const path of before.keys()) {
    if (files.get(path) !== before.get(path)) rmSync(join(place, path), { recursive: true, force: true });
  }
  for (const [path, file] of files) {
    if (before.get(path) === file) continue;
    mkdirSync(dirname(join(place, path)), { recursive: true });
    if (typeof file === 'string') writeFileSync(join(place, path), file);
    else symlinkSync(file.link, join(place, path));
  }
}

function evaluate(home: string, states: readonly State[]): string[] {
  const list = join(home, 'list.json');
  writeFileSync(list, JSON.stringify(states.map(({ main }) => main)));
  const said = execFileSync(process.execPath, ['--no-warnings', EVALUATE, list], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return said.trimEnd().split('\n');
}

function compare(graphs: readonly State[][], values: readonly string[], wrong: string[]): Counts {
  const counts: Counts = {
    graphs: graphs.length,
    states: 0,
    refused: 0,
    failing: 0,
    changing: 0,
    idle: 0,
    idleKept: 0,
  };
  const seen = new Map<string, { value: string; state: State }>();
  let at = 0;
  for (const states of graphs) {
    let before: { value: string; hash: string } | undefined;
    for (const state of states) {
      const value = values[at++];
      const hash = state.identity.split(' ', 1)[0];
      counts.states++;
      if (value === 'fails') counts.failing++;
      if (hash === 'refused:') {
        counts.refused++;
        if (process.env.TELL)
          console.log(value.slice(0, 30), state.identity.slice(0, 300), names(state.edits.slice(-1)));
      } else {
        const other = seen.get(hash);
        if (other === undefined) seen.set(hash, { value, state });
        else if (other.value !== value) {
          wrong.push(
            `SEED=${state.seed}: one identity for ${other.value} (seed ${other.state.seed}, ${names(other.state.edits)}) and ${value} (${names(state.edits)})`,
          );
        }
      }
      const last = state.edits.at(-1);
      if (before !== undefined && before.value !== value) counts.changing++;
      if (before !== undefined && last?.isIdle && hash !== 'refused:') {
        counts.idle++;
        if (before.hash === hash) counts.idleKept++;
      }
      before = { value, hash };
    }
  }
  return counts;
}

const names = (edits: readonly Edit[]) => edits.map(({ name }) => name).join('; ') || 'no edit';
