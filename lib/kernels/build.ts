/**
 * Build of the AssemblyScript kernels: `npm run build:kernels`. Each assembly/<name>.ts becomes <name>.wasm in this
 * folder; its imports lie in the folder assembly/<name>. A first line `//! asc <options>` adds compiler options. The
 * output carries a hash of its inputs (sources, options, compiler version) in a custom section, so that a build with
 * nothing to do takes no time and never relies on file times. The same sources give the same bytes.
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const OPTIONS = ['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'];
const TARGET = ['--runtime', 'stub', '--enable', 'simd', '--enable', 'bulk-memory', '--initialMemory', '1'];
const OWN_OPTIONS = /^\/\/! asc (.+)/;
const SECTION = 'rankloom.sources';

type Sources = ReadonlyMap<string, string>;

/** Compiles the kernels that are not up to date. @returns paths of the compiled kernels */
export async function buildKernels(folder = import.meta.dirname): Promise<string[]> {
  const assembly = join(folder, 'assembly');
  const names = globSync('**/*.ts', { cwd: assembly })
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
  const sources = new Map(names.map((name) => [name, readFileSync(join(assembly, name), 'utf8')]));
  const built: string[] = [];
  for (const name of names.filter((name) => !name.includes('/'))) {
    const own = OWN_OPTIONS.exec(sources.get(name)!)?.[1].trim().split(/\s+/) ?? [];
    const options = [...OPTIONS, ...TARGET, ...own];
    // Only the file and the folder of the same name: with more, a change of one kernel would rebuild all.
    const used = new Map(
      [...sources].filter(([path]) => path === name || path.startsWith(name.replace(/\.ts$/, '/'))),
    );
    const identity = createHash('sha256')
      .update(JSON.stringify([asc.version, ...options, ...used]))
      .digest('hex');
    const target = join(folder, name.replace(/\.ts$/, '.wasm'));
    if (identityOf(target) === identity) continue;
    const wasm = withIdentity(await compile(name, used, options), identity);
    // Renamed into place, so that a concurrent build never reads an incomplete file.
    const temporary = `${target}.${process.pid}.tmp.wasm`;
    writeFileSync(temporary, wasm);
    renameSync(temporary, target);
    built.push(target);
  }
  return built;
}

async function compile(name: string, sources: Sources, options: readonly string[]): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const stderr: string[] = [];
  const { error } = await asc.main([name, '--outFile', 'out.wasm', ...options], {
    readFile: (path) => sources.get(path.replaceAll('\\', '/')) ?? null,
    writeFile: (path, contents) => {
      if (path === 'out.wasm') binary = contents as Uint8Array;
    },
    listFiles: () => [],
    stderr: {
      write: (text: string | Uint8Array) => {
        stderr.push(String(text));
        return true;
      },
    },
  });
  if (error)
    throw new Error(`lib/kernels/assembly/${name} does not compile\n${stderr.join('')}`, { cause: error });
  if (binary === undefined) throw new Error(`Internal error: the compiler wrote nothing for ${name}`);
  return binary;
}

/** Appends a custom section: id 0, size, length of the name, name, payload (all lengths below 128 here). */
function withIdentity(wasm: Uint8Array, identity: string): Uint8Array {
  const name = Buffer.from(SECTION);
  const payload = Buffer.from(identity);
  const size = 1 + name.length + payload.length;
  return Buffer.concat([wasm, Uint8Array.of(0, size, name.length), name, payload]);
}

function identityOf(path: string): string | undefined {
  try {
    const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(readFileSync(path)), SECTION);
    return section && Buffer.from(section).toString();
  } catch {
    return undefined; // absent or damaged: build it
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const built = await buildKernels();
  console.log(
    built.length === 0
      ? 'kernels are up to date'
      : `built ${built.map((p) => p.split('/').at(-1)).join(', ')}`,
  );
}
