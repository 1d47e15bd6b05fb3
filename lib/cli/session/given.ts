/** Values given beside the config file, as far as they make another study than the file alone. */
import { resolveConfig } from '../../config/index.ts';
import { buildGraph, type Graph, type InputSource } from '../../flow/index.ts';
import type { App } from '../app.ts';
import type { CommonOptions } from '../options/options.ts';
import type { Session } from './session.ts';

/**
 * Options that give values, as they are typed; none if the file alone would give the same graph. So values that make
 * repeats for a config that it wrote itself (DATA, LABEL) do not count.
 */
export async function valuesGiven(app: App, session: Session, options: CommonOptions): Promise<string[]> {
  const { set, data, label, batch, encodings } = options;
  const given = [
    ...named('--data', data),
    ...named('--label', label),
    ...named('--batch', batch),
    ...named('--encodings', encodings?.join(',')),
    ...set.flatMap((value) => named('--set', value)),
  ];
  if (given.length === 0) return [];
  const alone = await graphOfFile(app, session);
  return alone !== undefined && fingerprint(alone) === fingerprint(session.graph) ? [] : given;
}

/** Graph of the config file alone; undefined if the file alone is no config that works. */
async function graphOfFile(app: App, { resolved }: Session): Promise<Graph | undefined> {
  try {
    const { stages, config, seed, root } = await resolveConfig(await app.stages(), {
      cwd: process.cwd(),
      file: resolved.file,
    });
    return buildGraph(stages, config, { seed, root });
  } catch {
    return undefined;
  }
}

/** Text with everything that tells one graph from another: targets, their sources, and the names of outputs. */
function fingerprint({ targets }: Graph): string {
  const all = [...targets.values()].map(({ id, params, seed, inputs, code, publish }) => [
    id,
    params,
    seed,
    Object.entries(inputs).map(([slot, sources]) => [slot, [sources].flat().map(sourceOf)]),
    code,
    publish,
  ]);
  return JSON.stringify(all.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

function sourceOf(source: InputSource): string {
  return source.from === 'artifact' ? `${source.target}.${source.output}` : source.path;
}

const named = (option: string, value: string | undefined) =>
  value === undefined ? [] : [`${option} ${inShell(value)}`];

/** Quotes a text so that it can be pasted into a shell. */
function inShell(text: string): string {
  return /^[\w./@%+=:,[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
