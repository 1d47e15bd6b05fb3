/** `config`: the config that is used, and the origin of each value. */
import { formatPath, type Origin, type Path, renderPlace, resolveConfig } from '../../config/index.ts';
import type { App } from '../app.ts';
import type { CommonOptions } from '../options/options.ts';
import { textTable } from '../output/table.ts';
import { note, out, paint } from '../output/ui.ts';

export async function config(app: App, options: CommonOptions): Promise<number> {
  const resolved = await resolveConfig(await app.stages(), {
    ...options,
    cwd: process.cwd(),
    renamed: app.renamed?.keys,
  });
  const provenance = await resolved.provenance();
  const leaves = [...leavesOf(resolved.config)].map(({ path, value }) => ({
    path,
    value,
    origin: provenance.originOf(path),
  }));
  if (options.json) {
    const origins = Object.fromEntries(leaves.map(({ path, origin }) => [formatPath(path), forJson(origin)]));
    out(JSON.stringify({ file: resolved.file.path, config: resolved.config, origins }, null, 2));
    return 0;
  }
  const rows = leaves.map(({ path, value, origin }) => [
    formatPath(path),
    JSON.stringify(value),
    paintOrigin(origin),
  ]);
  out(textTable({ rows }));
  if (!options.quiet) note(`\nConfig: ${resolved.file.name}`);
  return 0;
}

/** Values that contain no others; an empty object or list counts as one. */
function* leavesOf(value: unknown, path: Path = []): Generator<{ path: Path; value: unknown }> {
  const entries: [string | number, unknown][] =
    typeof value !== 'object' || value === null
      ? []
      : Array.isArray(value)
        ? [...value.entries()]
        : Object.entries(value);
  if (entries.length === 0) {
    if (value !== undefined) yield { path, value };
    return;
  }
  for (const [key, item] of entries) yield* leavesOf(item, [...path, key]);
}

function paintOrigin(origin: Origin): string {
  return origin.from === 'default' ? paint('dim', 'default') : renderPlace(origin);
}

function forJson(origin: Origin): object {
  if (origin.from !== 'file') return origin;
  const { from, file, line } = origin;
  return line === undefined ? { from, file } : { from, file, line, column: origin.column };
}
