/** One random project through a sequence of edits, kills and losses; after each run it is held to the model. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, type RandomStream, randomSource, run } from '../../../lib/flow/index.ts';
import { type Model, type ModelAction, modelOf } from './model.ts';
import { createFolder, graphOf, writeProject } from './project.ts';
import { edit, randomSpec, type Spec } from './spec.ts';

export interface Counts {
  runs: number;
  kills: number;
  deletions: number;
  actions: number;
  /** Actions that the model would have run: never fewer than `actions`. */
  allowed: number;
}

/** What the model knows of the store: which actions are done, and which contents are there. */
class Known {
  readonly #contents = new Map<string, string>();
  readonly #there = new Set<string>();

  add({ identity, content }: ModelAction): void {
    this.#contents.set(identity, content);
    this.#there.add(content);
  }

  has({ identity }: ModelAction): boolean {
    const content = this.#contents.get(identity);
    return content !== undefined && this.#there.has(content);
  }

  lose(content: string): void {
    this.#there.delete(content);
  }

  /** The actions that a run may start: of each target that is not there, those that are not. */
  minimal(model: Model): Map<string, ModelAction> {
    const minimal = new Map<string, ModelAction>();
    for (const actions of model.targets.values()) {
      if (this.has(actions.at(-1)!)) continue;
      for (const action of actions) if (!this.has(action)) minimal.set(nameOf(action), action);
    }
    return minimal;
  }
}

const nameOf = ({ target, action }: { target: string; action: string }) => `${target}/${action}`;

/** Throws with the seed and the story of the project if anything is not as the model says. */
export async function checkProject(seed: number, steps: number): Promise<Counts> {
  const random = randomSource(seed, 'oracle').stream('project');
  const counts: Counts = { runs: 0, kills: 0, deletions: 0, actions: 0, allowed: 0 };
  const story: string[] = [];
  const dir = createFolder();
  try {
    const spec = randomSpec(random);
    const known = new Known();
    const configs: Pick<Spec, 'files' | 'seed'>[] = [];
    writeProject(dir, spec);
    await runAndCheck(dir, spec, known, random, counts);
    for (let step = 0; step < steps; step++) {
      const last = structuredClone(spec);
      const dice = random.int(10);
      if (dice === 0 && configs.length > 0) {
        Object.assign(spec, structuredClone(configs[random.int(configs.length)]));
        story.push('back to earlier files and seed');
      } else for (let n = 1 + random.int(2); n > 0; n--) story.push(edit(spec, random, 10 * step + n));
      configs.push(structuredClone({ files: spec.files, seed: spec.seed }));
      writeProject(dir, spec, last);
      if (dice >= 8) story.push(...loseObjects(dir, known, random, counts));
      if (dice === 7) story.push(await killRun(dir, spec, known, random, counts));
      await runAndCheck(dir, spec, known, random, counts);
    }
    const clean = createFolder();
    writeProject(clean, spec);
    await runAndCheck(clean, spec, new Known(), random, counts);
    assert.deepEqual(hashesOf(dir), hashesOf(clean), 'a clean run gives other bytes');
    rmSync(clean, { recursive: true });
    rmSync(dir, { recursive: true });
    return counts;
  } catch (error) {
    throw new Error(`SEED=${seed}, kept in ${dir}:\n  ${story.join('\n  ')}\n${(error as Error).stack}`);
  }
}

async function runAndCheck(
  dir: string,
  spec: Spec,
  known: Known,
  random: RandomStream,
  counts: Counts,
): Promise<void> {
  const model = modelOf(spec);
  const minimal = known.minimal(model);
  const ran: string[] = [];
  const { outcome, failed } = await run(graphOf(dir, spec), openStore(join(dir, 'artifacts')), {
    workers: 1 + random.int(2),
    onEvent: (event) => {
      if (event.type === 'action-started') ran.push(nameOf(event));
    },
  });
  assert.equal(outcome, 'done', JSON.stringify(failed));
  assert.deepEqual(hashesOf(dir), model.published, 'not what the model computes');
  const more = ran.filter((name) => !minimal.has(name));
  assert.deepEqual(more, [], 'ran though nothing changed');
  const identities = ran.map((name) => minimal.get(name)!.identity);
  assert.equal(new Set(identities).size, identities.length, `the same twice: ${ran.join(', ')}`);
  for (const name of ran) known.add(minimal.get(name)!);
  counts.runs++;
  counts.actions += ran.length;
  counts.allowed += new Set([...minimal.values()].map(({ identity }) => identity)).size;
}

/** Kills a run at a random moment. What it told to be done must be kept; the rest may be. */
async function killRun(
  dir: string,
  spec: Spec,
  known: Known,
  random: RandomStream,
  counts: Counts,
): Promise<string> {
  writeFileSync(join(dir, 'spec.json'), JSON.stringify(spec));
  const child = spawn(process.execPath, [new URL('./child.ts', import.meta.url).pathname, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const left = 1 + random.int(8);
  let told = '';
  let lines = 0;
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    lines += text.split('\n').length - 1;
    if (lines >= left) child.kill('SIGKILL');
  });
  const code = await new Promise<number | null>((done) => child.once('close', (c) => done(c)));
  clearTimeout(timer);
  const actions = new Map([...modelOf(spec).targets.values()].flat().map((a) => [nameOf(a), a]));
  for (const line of told.split('\n').filter((l) => l.endsWith(']'))) {
    const [type, target, action] = JSON.parse(line) as string[];
    if (type === 'action-finished') known.add(actions.get(nameOf({ target, action }))!);
  }
  if (code === null) counts.kills++;
  return `killed after ${lines} events`;
}

function loseObjects(dir: string, known: Known, random: RandomStream, counts: Counts): string[] {
  const folder = join(dir, 'artifacts', 'objects');
  const objects = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.length > 60,
  );
  return Array.from({ length: 1 + random.int(3) }, () => {
    const name = objects.sort()[random.int(objects.length)];
    rmSync(join(folder, name), { force: true });
    known.lose(name.slice(3));
    counts.deletions++;
    return `object ${name.slice(3, 15)} deleted`;
  });
}

function hashesOf(dir: string): Record<string, string> {
  const { published } = JSON.parse(readFileSync(join(dir, 'artifacts', 'latest', 'run.json'), 'utf8'));
  return Object.fromEntries(
    Object.entries(published as Record<string, { hash: string }>).map(([name, { hash }]) => [name, hash]),
  );
}
