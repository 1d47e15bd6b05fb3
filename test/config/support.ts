/** Stages with the shapes that real configs have, and config files that live for one test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import type { InvalidConfigError, ResolvedConfig } from '../../lib/config/index.ts';
import { provideModule, resolveConfig } from '../../lib/config/index.ts';
import type { Stage } from '../../lib/flow/stage.ts';
import '../../lib/cli/rankloom-app.ts'; // which says what 'rankloom' means in a config

provideModule('rankloom', new URL('../../lib/index.ts', import.meta.url).href);

const rest = {
  module: import.meta.url,
  about: 'Does nothing.',
  params: () => ({}),
  inputs: () => ({}),
  outputs: {},
  async run() {},
};

const dataset = z.union([
  z.strictObject({ source: z.literal('simulated'), cells: z.int().min(1).default(100) }),
  z.strictObject({ source: z.string().min(1), label: z.string(), batch: z.string().optional() }),
]);

interface Names {
  encodings: Record<string, unknown>;
  measures: Record<string, { of: string }>;
}

export const stages: Stage[] = [
  { ...rest, name: 'load', config: { dataset: dataset.default({ source: 'simulated', cells: 100 }) } },
  {
    ...rest,
    name: 'subset',
    config: {
      subset: z
        .strictObject({
          minGenes: z.int().min(0).default(200),
          cellsPerType: z.int().min(1).nullable().default(500),
          maxMitoPercent: z.number().min(0).max(100).default(20),
        })
        .prefault({}),
      hvg: z
        .strictObject({
          flavor: z.enum(['annotated', 'none', 'seurat']).default('none'),
          top: z.int().default(10),
        })
        .prefault({}),
    },
  },
  {
    ...rest,
    name: 'encode',
    config: {
      encodings: z
        .record(
          z.string().regex(/^[A-Za-z][\w-]*$/, 'a letter, then letters, digits, - or _'),
          z.discriminatedUnion('kind', [
            z.strictObject({ kind: z.literal('lognorm'), target: z.number().positive().default(10000) }),
            z.strictObject({ kind: z.literal('rank') }),
          ]),
        )
        .default({ expression: { kind: 'lognorm', target: 10000 } }),
    },
  },
  {
    ...rest,
    name: 'similarity',
    config: {
      measures: z
        .record(z.string(), z.strictObject({ of: z.string(), metric: z.enum(['spearman', 'euclidean']) }))
        .default({}),
      compare: z.array(z.tuple([z.string(), z.string()])).default([]),
    },
    check: ({ encodings, measures }: Names) =>
      Object.entries(measures)
        .filter(([, { of }]) => !Object.hasOwn(encodings, of))
        .map(([name, { of }]) => ({
          path: ['measures', name, 'of'],
          message: `unknown encoding "${of}"`,
          known: Object.keys(encodings),
        })),
  },
] as Stage[];

export function folder(t: TestContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'rankloom-config-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

type Options = Omit<Parameters<typeof resolveConfig>[1], 'cwd'>;

export async function resolved(
  t: TestContext,
  files: Record<string, string>,
  options: Options = {},
): Promise<ResolvedConfig> {
  return resolveConfig(stages, { cwd: folder(t, files), ...options });
}

/** The report of a config that is refused. */
export async function refusal(
  t: TestContext,
  files: Record<string, string>,
  options: Options = {},
): Promise<string> {
  try {
    await resolved(t, files, options);
  } catch (error) {
    const { report, message, expected, where, hint } = error as InvalidConfigError;
    return report ?? [message, expected, where, hint].filter((line) => line !== undefined).join('\n');
  }
  throw new Error('the config was accepted');
}
