/** A random project on disk: its files, its graph, and runs of it. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildGraph, from, fromFile, output, type Stage } from '../../../lib/flow/index.ts';
import { type Spec, type StageSpec, stageName } from './spec.ts';

const STAGE_API = fileURLToPath(new URL('../../../lib/flow/stage.ts', import.meta.url));

const HELPERS = `
import { readFileSync, writeFileSync } from 'node:fs';
export const json = () => ({
  name: 'json',
  input: (path) => ({ kind: 'json', read: () => JSON.parse(readFileSync(path, 'utf8')) }),
  output: (path) => ({ write: (value) => writeFileSync(path, JSON.stringify(value)) }),
});
export const mix = (numbers) => numbers.reduce((h, n) => (h * 31 + n) % 1000003, 7);
`;

/** The code of a stage. Its declaration is repeated by \`declare\`, so that the main thread need not import it anew. */
function codeOf(stage: StageSpec, at: number): string {
  const name = stageName(at);
  const inputs = stage.reads.map(({ stage: s, all }) => `in${s}: refs(config, '${stageName(s)}', ${all})`);
  if (stage.file !== null) inputs.push(`file: fromFile(config.files[${stage.file}])`);
  const parts = `
    parts: {
      outputs: { piece: output(json()) },
      async plan(context) {
        const count = 1 + (mix(numbersOf(context)) % 3);
        return Array.from({ length: count }, (_, k) => ({ name: 'part ' + k, data: { k } }));
      },
      async run(context) {
        context.outputs.piece.write(mix([...numbersOf(context), context.part.k]) % ${stage.modulus});
      },
    },`;
  const whole = `context.outputs.value.write(mix(numbersOf(context)) % ${stage.modulus});`;
  const merge = `context.outputs.value.write(mix([${stage.constant}, ...context.rounds[0].map((p) => p.piece.read())]) % ${stage.modulus});`;
  return `
import { readFileSync } from 'node:fs';
import { from, fromFile, output } from '${STAGE_API}';
import { json, mix } from './helpers.mjs';
// comment ${stage.comment}
const unused = (x) => x + ${stage.unused};
const refs = (config, stage, all) =>
  Object.keys(config.instances[stage]).slice(0, all ? undefined : 1).map((name) => from(stage + '[' + name + '].value', json()));
const numbersOf = ({ params, inputs, random }) => [
  ${stage.constant},
  params.p,
  ...[${stage.reads.map(({ stage: s }) => `inputs.in${s}`).join()}].flat().map((input) => input.read()),
  ${stage.file === null ? '0' : "Number(readFileSync(inputs.file.path, 'utf8'))"},
  ${stage.random ? "random.stream('draw').at(0).int(100)" : '0'},
];
export default {
  module: import.meta.url,
  name: '${name}',
  about: 'A toy.',
  each: (config) => Object.keys(config.instances.${name}),
  params: (config, instance) => ({ p: config.instances.${name}[instance] }),
  inputs: (config) => ({ ${inputs.join(', ')} }),
  outputs: { value: output(json(), { publish: '${name}-[instance].json' }) },
  random: ${stage.random},${stage.parts ? parts : ''}
  async run(context) { ${stage.parts ? merge : whole} },
};
`;
}

const json = () => ({
  name: 'json' as const,
  input: (path: string) => ({ kind: 'json' as const, read: () => JSON.parse(readFileSync(path, 'utf8')) }),
  output: (path: string) => ({ write: (value: unknown) => writeFileSync(path, JSON.stringify(value)) }),
});

interface Config {
  instances: Record<string, Record<string, number>>;
  files: string[];
}

function declare(dir: string, stage: StageSpec, at: number): Stage {
  const name = stageName(at);
  return {
    module: pathToFileURL(join(dir, `${name}.mjs`)).href,
    name,
    about: 'A toy.',
    each: (config: Config) => Object.keys(config.instances[name]),
    params: (config: Config, instance: string) => ({ p: config.instances[name][instance] }),
    inputs: (config: Config) => ({
      ...Object.fromEntries(
        stage.reads.map(({ stage: s, all }) => {
          const names = Object.keys(config.instances[stageName(s)]).slice(0, all ? undefined : 1);
          return [`in${s}`, names.map((n) => from(`${stageName(s)}[${n}].value`, json()))];
        }),
      ),
      ...(stage.file === null ? {} : { file: fromFile(config.files[stage.file]) }),
    }),
    outputs: { value: output(json(), { publish: `${name}-[instance].json` }) },
    random: stage.random,
    ...(stage.parts ? { parts: { outputs: { piece: output(json()) }, plan: never, run: never } } : {}),
    run: never,
  };
}

const never = async (): Promise<never> => {
  throw new Error('runs in workers only');
};

export function createFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-oracle-')));
}

/** Writes what differs from what lies there. */
export function writeProject(dir: string, spec: Spec, last?: Spec): void {
  const put = (name: string, text: string, old?: string) => {
    if (text !== old) writeFileSync(join(dir, name), text);
  };
  if (last === undefined) {
    put('helpers.mjs', HELPERS);
    put('package.json', '{"type":"module"}');
  }
  spec.stages.forEach((stage, at) => {
    put(`${stageName(at)}.mjs`, codeOf(stage, at), last && codeOf(last.stages[at], at));
  });
  for (const [i, { name, text }] of spec.files.entries()) {
    const old = last?.files[i];
    put(name, text, old?.name === name ? old.text : undefined);
    if (old !== undefined && old.name !== name) rmSync(join(dir, old.name), { force: true });
  }
}

export function graphOf(dir: string, spec: Spec) {
  const config: Config = {
    instances: Object.fromEntries(spec.stages.map(({ instances }, at) => [stageName(at), instances])),
    files: spec.files.map(({ name }) => name),
  };
  const stages = spec.stages.map((stage, at) => declare(dir, stage, at));
  return buildGraph(stages, structuredClone(config), { seed: spec.seed, root: dir });
}
