/**
 * A project of three toy stages with no science in it, in a folder of its own, so that a test can edit its
 * code. `numbers` writes a list, `map[…]` transforms it in parts, `total` adds up all that `map` made.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  buildGraph,
  decide,
  type FlowEvent,
  openStore,
  type RunOptions,
  type RunResult,
  run,
  type Stage,
  selectTargets,
} from '../../lib/flow/index.ts';

const STAGE_API = fileURLToPath(new URL('../../lib/flow/stage.ts', import.meta.url));

export interface ToyConfig {
  count: number;
  /** Name of an instance of `map` → what it does. */
  maps: Record<string, { times: number; noise?: boolean; slow?: number }>;
  file?: string;
}

const FILES: Record<string, string> = {
  'json.ts': `
    import { readFileSync, writeFileSync } from 'node:fs';
    export function json() {
      return {
        name: 'json' as const,
        input: (path: string) => ({ kind: 'json' as const, read: () => JSON.parse(readFileSync(path, 'utf8')) }),
        output: (path: string) => ({ write: (value: unknown) => writeFileSync(path, JSON.stringify(value)) }),
      };
    }
  `,
  'helpers.ts': `
    export const square = (x: number) => x * x;
    export const add = (a: number, b: number) => a + b;
    export const unused = (x: number) => x - 1;
  `,
  'numbers.ts': `
    import { readFileSync } from 'node:fs';
    import { defineStage, fromFile, output } from '${STAGE_API}';
    import { json } from './json.ts';
    export default defineStage({
      module: import.meta.url,
      name: 'numbers',
      about: 'Counts.',
      params: (config: any) => ({ count: config.count }),
      inputs: (config: any) => ({ file: config.file === undefined ? undefined : fromFile(config.file) }),
      outputs: { list: output(json(), { publish: 'numbers.json' }) },
      async run({ params, inputs, outputs }) {
        // a comment in numbers
        const offset = inputs.file === undefined ? 0 : Number(readFileSync(inputs.file.path, 'utf8'));
        outputs.list.write(Array.from({ length: params.count }, (_, i) => i + Math.trunc(offset)));
      },
    });
  `,
  'map.ts': `
    import { defineStage, from, output } from '${STAGE_API}';
    import { square } from './helpers.ts';
    import { json } from './json.ts';
    export default defineStage({
      module: import.meta.url,
      name: 'map',
      about: 'Squares, multiplies, and adds noise if told to.',
      each: (config: any) => Object.keys(config.maps),
      params: (config: any, name: string) => config.maps[name],
      inputs: () => ({ list: from('numbers.list', json()) }),
      outputs: { list: output(json(), { publish: 'maps/[instance].json' }) },
      random: true,
      parts: {
        outputs: { piece: output(json()) },
        async plan({ inputs, keep }) {
          const list = await keep('list', async () => inputs.list.read());
          const parts = [];
          for (let start = 0; start < list.length; start += 10) parts.push({ name: 'from ' + start, data: { start } });
          return parts;
        },
        async run({ inputs, params, part, outputs, random, progress, shared }) {
          const list = await shared('list', async () => {
            const numbers = inputs.list.read();
            const shared = new Float64Array(new SharedArrayBuffer(8 * numbers.length + 8));
            shared.set(numbers);
            Atomics.add(new Int32Array(shared.buffer), 2 * numbers.length, 1);
            return shared;
          });
          const { start } = part as { start: number };
          const piece = [...list.subarray(0, -1).slice(start, start + 10)].map((x: number) => square(x) * params.times);
          if (params.noise) for (let i = 0; i < piece.length; i++) piece[i] += random.stream('noise').at(start + i).int(100);
          if (params.slow) await new Promise((done) => setTimeout(done, params.slow));
          progress(piece.length, piece.length);
          outputs.piece.write(piece);
        },
      },
      async run({ rounds, outputs }) {
        outputs.list.write(rounds[0].flatMap(({ piece }) => piece.read()));
      },
    });
  `,
  'team.ts': `
    import { add } from './helpers.ts';
    export default function work({ numbers, sum }: { numbers: Float64Array; sum: Int32Array }, { index, count, post }: any) {
      let own = 0;
      for (let i = index; i < numbers.length; i += count) own = add(own, numbers[i]);
      Atomics.add(sum, 0, own);
      post({ index, count });
    }
  `,
  'total.ts': `
    import { defineStage, from, output } from '${STAGE_API}';
    import { add } from './helpers.ts';
    import { json } from './json.ts';
    export default defineStage({
      module: import.meta.url,
      name: 'total',
      about: 'Adds up.',
      params: () => ({}),
      inputs: (config: any) => ({ lists: Object.keys(config.maps).map((name) => from('map[' + name + '].list', json())) }),
      outputs: { total: output(json(), { publish: 'total.json' }) },
      cores: () => 'all',
      async run({ inputs, outputs, team }) {
        const list = inputs.lists.flatMap((l) => l.read());
        const numbers = new Float64Array(new SharedArrayBuffer(8 * list.length));
        numbers.set(list);
        const sum = new Int32Array(new SharedArrayBuffer(4));
        await team(new URL('./team.ts', import.meta.url).href, { numbers, sum });
        outputs.total.write(add(sum[0], 0));
      },
    });
  `,
};

export class ToyProject {
  readonly dir: string;
  readonly stages: Stage[];
  config: ToyConfig = { count: 25, maps: { one: { times: 1 }, two: { times: 2, noise: true } } };
  seed = 0;

  private constructor(dir: string, stages: Stage[]) {
    this.dir = dir;
    this.stages = stages;
  }

  /** `edits` of files before their declarations are read: file, text, new text. */
  static async create(edits: readonly (readonly [string, string, string])[] = []): Promise<ToyProject> {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-toys-')));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(dir, name), text);
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
    const stages: Stage[] = [];
    const toys = new ToyProject(dir, stages);
    for (const edit of edits) toys.edit(...edit);
    for (const name of ['numbers.ts', 'map.ts', 'total.ts']) {
      stages.push((await import(pathToFileURL(join(dir, name)).href)).default);
    }
    return toys;
  }

  get store() {
    return openStore(join(this.dir, 'artifacts'));
  }

  graph() {
    return buildGraph(this.stages, structuredClone(this.config), { seed: this.seed, root: this.dir });
  }

  /** Runs, and tells which targets ran. */
  async run(
    options: Partial<RunOptions> & { patterns?: string[]; watch?: (e: FlowEvent) => void } = {},
  ): Promise<RunResult & { events: FlowEvent[]; targetsRun: string[]; actionsRun: string[] }> {
    const events: FlowEvent[] = [];
    const graph = this.graph();
    const targets = selectTargets(graph, options.patterns ?? []);
    const result = await run(graph, this.store, {
      workers: 2,
      targets,
      ...options,
      onEvent: (e) => {
        events.push(e);
        options.watch?.(e);
      },
    });
    const targetsRun = events.flatMap((e) => (e.type === 'target-started' ? [e.target] : []));
    const actionsRun = events.flatMap((e) =>
      e.type === 'action-started' ? [`${e.target}/${e.action}`] : [],
    );
    return { ...result, events, targetsRun, actionsRun };
  }

  async states(): Promise<Record<string, string>> {
    const decisions = await decide(this.graph(), this.store);
    return Object.fromEntries(decisions.map((d) => [d.target, d.state]));
  }

  async decision(target: string) {
    return (await decide(this.graph(), this.store)).find((d) => d.target === target)!;
  }

  edit(file: string, from: string | RegExp, to: string): void {
    const path = join(this.dir, file);
    const text = readFileSync(path, 'utf8');
    const edited = text.replace(from, to);
    if (edited === text) throw new Error(`nothing to edit in ${file}`);
    writeFileSync(path, edited);
  }

  latest(name: string): unknown {
    return JSON.parse(readFileSync(join(this.dir, 'artifacts', 'latest', name), 'utf8'));
  }

  /** Name under latest/ → hash, for all published outputs. */
  hashes(): Record<string, string> {
    const { published } = this.latest('run.json') as { published: Record<string, { hash: string }> };
    return Object.fromEntries(Object.entries(published).map(([name, { hash }]) => [name, hash]));
  }

  /** The same project with an empty store. */
  async cleanCopy(): Promise<ToyProject> {
    const copy = await ToyProject.create();
    for (const name of Object.keys(FILES)) cpSync(join(this.dir, name), join(copy.dir, name));
    copy.config = structuredClone(this.config);
    copy.seed = this.seed;
    return copy;
  }

  write(name: string, text: string): void {
    mkdirSync(this.dir, { recursive: true });
    writeFileSync(join(this.dir, name), text);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A project for one test, gone after it; `home` is its store. */
export async function withToys(body: (toys: ToyProject, home: string) => Promise<void>): Promise<void> {
  const toys = await ToyProject.create();
  try {
    await body(toys, join(toys.dir, 'artifacts'));
  } finally {
    toys.remove();
  }
}
