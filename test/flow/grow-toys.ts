/**
 * Stages that really take memory, run in a process of its own so that its peak can be told from that of the test.
 * Prints what came of the run, and the most resident memory that the process had, as the system accounts it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildGraph, type FlowEvent, openStore, type RunOptions, run } from '../../lib/flow/index.ts';

const STAGE_API = fileURLToPath(new URL('../../lib/flow/stage.ts', import.meta.url));

export interface GrowConfig {
  /** Instances, and what each holds at its peak, in MB. */
  readonly grows: Readonly<Record<string, number>>;
  /** What the stage says that it needs, as an expression in `facts`; absent: nothing. */
  readonly needs?: string;
  /** Cut each instance into so many parts that hold as much each. */
  readonly parts?: number;
  readonly cores?: 'all';
}

export type GrowOptions = Partial<Pick<RunOptions, 'workers' | 'memoryBytes' | 'hermetic'>> & {
  readonly force?: boolean;
};

export interface Grown {
  readonly outcome: string;
  readonly failed: readonly unknown[];
  readonly peakBytes: number;
  readonly events: readonly FlowEvent[];
  readonly outputs: Readonly<Record<string, string>>;
}

const stageText = ({ needs, parts, cores }: GrowConfig) => `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { writeFileSync } from 'node:fs';
  import { defineStage, output } from '${STAGE_API}';
  const text = () => ({
    name: 'text' as const,
    input: (path: string) => ({ kind: 'text' as const, path }),
    output: (path: string) => ({ write: (value: unknown) => writeFileSync(path, String(value)) }),
  });
  /** Little by little, as real work grows. */
  async function grow(megabytes: number) {
    const held = [];
    for (let i = 0; i < megabytes / 4; i++) {
      held.push(new Uint32Array(1 << 20).fill(i + 1));
      if (i % 4 === 3) await sleep(8);
    }
    await sleep(150);
    return held.reduce((sum, block, i) => sum + block[i], 0);
  }
  export default defineStage({
    module: import.meta.url,
    name: 'grow',
    about: 'Takes memory.',
    each: (config: any) => Object.keys(config.grows),
    params: (config: any, name: string) => ({ megabytes: config.grows[name] }),
    inputs: () => ({}),
    outputs: { sum: output(text(), { publish: 'sums/[instance].txt' }) },
    ${needs === undefined ? '' : `needs: { memory: (facts: any) => ${needs} },`}
    ${cores === undefined ? '' : `cores: () => '${cores}',`}
    ${
      parts === undefined
        ? 'async run({ params, outputs }) { outputs.sum.write(await grow(params.megabytes)); },'
        : `parts: {
      outputs: { piece: output(text()) },
      plan: async () => Array.from({ length: ${parts} }, (_, i) => ({ name: 'part ' + i, data: i })),
      run: async ({ params, outputs, part }) => outputs.piece.write(Number(part) + await grow(params.megabytes)),
    },
    async run({ outputs, rounds }) { outputs.sum.write(rounds[0].length); },`
    }
  });
`;

/** The most resident memory of this process so far, in bytes, as the system accounts it. */
function peakOfProcess(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function main(dir: string, config: GrowConfig, options: GrowOptions): Promise<Grown> {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  writeFileSync(join(dir, 'grow.ts'), stageText(config));
  const stage = (await import(pathToFileURL(join(dir, 'grow.ts')).href)).default;
  const graph = buildGraph([stage], config, { seed: 0, root: dir });
  const events: FlowEvent[] = [];
  const { force = false, ...rest } = options;
  const { outcome, failed } = await run(graph, openStore(join(dir, 'artifacts')), {
    workers: 4,
    ...rest,
    force: force ? new Set(graph.targets.keys()) : undefined,
    onEvent: (event) => void events.push(event),
  });
  const outputs: Record<string, string> = {};
  if (outcome === 'done') {
    for (const name of Object.keys(config.grows)) {
      outputs[name] = readFileSync(join(dir, 'artifacts', 'latest', 'sums', `${name}.txt`), 'utf8');
    }
  }
  return { outcome, failed, peakBytes: peakOfProcess(), events, outputs };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [dir, config, options] = process.argv.slice(2);
  console.log(JSON.stringify(await main(dir, JSON.parse(config), JSON.parse(options))));
}
