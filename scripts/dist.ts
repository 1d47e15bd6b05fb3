/**
 * Makes dist/, the package as it is published: JavaScript, because Node strips types from no file inside
 * node_modules, with declarations, kernels and documents.
 *
 *     npm run build [-- folder]        then: npm publish ./dist
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $ } from 'zx';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = resolve(root, process.argv[2] ?? 'dist');
/** Sources of the kernels are AssemblyScript, and of no use without its compiler. */
const KERNEL_SOURCES = /^lib\/kernels\/(assembly|build\b)/;

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );

rmSync(dist, { recursive: true, force: true });
const emit = ['--noEmit', 'false', '--outDir', dist, '--rootDir', root, '--declaration'];
await $({ cwd: root, stdio: 'inherit', preferLocal: root })`tsc -p tsconfig.dist.json ${emit}`;

for (const file of filesUnder(dist)) {
  if (!file.endsWith('.js')) continue;
  // The compiler rewrites imports, but not modules that are named by URL: the code of threads.
  const text = readFileSync(file, 'utf8');
  const named = text.replace(/(new URL\('\.[^']*)\.ts(', import\.meta\.url\))/g, '$1.js$2');
  if (named !== text) writeFileSync(file, named);
}

for (const file of filesUnder(join(root, 'lib'))) {
  const name = relative(root, file);
  if (!file.endsWith('.ts') && !KERNEL_SOURCES.test(name)) cpSync(file, join(dist, name));
}
const kept = ['pipeline.config.ts', 'README.md', 'LICENSE', 'THIRD-PARTY-NOTICES.md', 'CHANGELOG.md', 'docs'];
for (const name of kept) {
  cpSync(join(root, name), join(dist, name), { recursive: true });
}

const compiled = (path: string) => path.replace(/\.ts$/, '.js');
const source = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { devDependencies: _, scripts: _scripts, allowScripts: _allowed, ...published } = source;
published.bin = { rankloom: compiled(source.bin.rankloom) };
published.exports = Object.fromEntries(
  Object.entries(source.exports as Record<string, string>).map(([name, path]) => [
    name,
    { types: path.replace(/\.ts$/, '.d.ts'), default: compiled(path) },
  ]),
);
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
console.log(`${dist}: ${filesUnder(dist).length} files`);
