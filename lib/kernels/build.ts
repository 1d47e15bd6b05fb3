/**
 * Compiles the AssemblyScript kernels: `npm run build:kernels`. Each assembly/<name>.ts becomes <name>.wasm here.
 * The output carries the hash of what it was made from (sources, options, compiler version) in a custom
 * section, so that a build with nothing to do takes no time and never trusts file times. Same sources, same bytes.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const OPTIONS = ['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'];
const TARGET = ['--runtime', 'stub', '--enable', 'simd', '--enable', 'bulk-memory', '--initialMemory', '1'];
const SECTION = 'rankloom.sources';

/** @returns the kernels that had to be compiled */
export async function buildKernels(folder = import.meta.dirname): Promise<string[]> {
  const sources = readdirSync(join(folder, 'assembly'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const built: string[] = [];
  for (const name of sources) {
    const source = readFileSync(join(folder, 'assembly', name));
    const identity = createHash('sha256')
      .update(JSON.stringify([asc.version, ...OPTIONS, ...TARGET]))
      .update(source)
      .digest('hex');
    const target = join(folder, name.replace(/\.ts$/, '.wasm'));
    if (identityOf(target) === identity) continue;
    const wasm = withIdentity(await compile(name, source.toString('utf8')), identity);
    // Renamed into place: a build that runs beside this one never sees half a file.
    const temporary = `${target}.${process.pid}.tmp.wasm`;
    writeFileSync(temporary, wasm);
    renameSync(temporary, target);
    built.push(target);
  }
  return built;
}

async function compile(name: string, source: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const stderr: string[] = [];
  const { error } = await asc.main([name, '--outFile', 'out.wasm', ...OPTIONS, ...TARGET], {
    readFile: (path) => (path === name ? source : null),
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
