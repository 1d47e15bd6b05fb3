/**
 * Random projects of modules that import each other in every way that Node knows, and random edits of them. A project is
 * a map of paths to texts and links; its value is what the default export of `main.mjs` is.
 */
import type { RandomStream } from '../../../lib/flow/random.ts';

/** Path → text of a file, or where a link leads. */
export type Files = Map<string, string | { readonly link: string }>;

/** A change of the files, with a name, and whether it can change the value. */
export interface Edit {
  readonly name: string;
  /** True for an edit that no value can depend on. */
  readonly isIdle?: boolean;
}

const FOLDERS = ['', 'a/', 'a/b/', 'c/'];
const PACKAGES = ['p0', 'p1', '@s/p2'];
const pick = <T>(random: RandomStream, items: readonly T[]): T => items[random.int(items.length)];

export function randomProject(random: RandomStream): Files {
  const files: Files = new Map();
  files.set(
    'project/package.json',
    manifest({
      name: 'own',
      type: 'module',
      exports: { './lib': './lib.mjs' },
      imports: { '#in': './in.mjs', '#pack': 'p0' },
    }),
  );
  files.set('project/lib.mjs', own(random));
  files.set('project/in.mjs', own(random));
  files.set('project/log.mjs', 'export const log = [];\n');
  for (const name of PACKAGES) {
    for (const place of ['', 'project/', 'project/a/']) {
      if (place === 'project/' || random.int(4) === 0)
        addPackage(files, `${place}node_modules/${name}`, name, random);
    }
  }
  addPackage(files, 'packages/w', 'w', random);
  files.set('project/node_modules/w', { link: '../../packages/w' });
  for (const place of FOLDERS)
    if (random.int(2) === 0) files.set(`project/${place}data.txt`, String(random.int(90)));
  for (const place of FOLDERS)
    if (random.int(3) === 0) files.set(`project/${place}data.json`, String(random.int(90)));
  files.set('project/table/one.txt', String(random.int(90)));
  const names: string[] = ['project/main.mjs'];
  const count = 3 + random.int(6);
  for (let i = 1; i < count; i++)
    names.push(`project/${pick(random, FOLDERS)}m${i}.${pick(random, ['mjs', 'ts', 'mts', 'cjs', 'js'])}`);
  for (const [i, name] of names.entries()) files.set(name, moduleText(name, names.slice(i + 1), random));
  const [last] = names.slice(-1);
  if (random.int(3) === 0 && names.length > 3) {
    // A module behind a link.
    const target = names[names.length - 2];
    files.set('project/c/linked.mjs', own(random));
    files.set('project/c/other.mjs', own(random));
    files.set('project/link.mjs', { link: 'c/linked.mjs' });
    files.set(
      'project/main.mjs',
      `import linked from './link.mjs';\n${files.get('project/main.mjs')}values.push(linked);\n`,
    );
    void target;
  }
  if (random.int(3) === 0) {
    files.set('project/real/x.mjs', own(random));
    files.set('project/real2/x.mjs', own(random));
    files.set('project/dir', { link: 'real' });
    files.set(
      'project/main.mjs',
      `import behind from './dir/x.mjs';\n${files.get('project/main.mjs')}values.push(behind);\n`,
    );
  }
  void last;
  return files;
}

const manifest = (content: object) => `${JSON.stringify(content, null, 1)}\n`;
const own = (random: RandomStream) =>
  `// a comment\nexport default ${random.int(1000)};\nexport const spare = 1;\n`;

function addPackage(files: Files, folder: string, name: string, random: RandomStream): void {
  const version = `${1 + random.int(2)}.0.0`;
  const value = random.int(1000);
  const later = PACKAGES.slice(PACKAGES.indexOf(name) + 1); // modules that wait for each other would wait for ever
  const dependency = name === 'w' ? '' : pick(random, ['', ...later]);
  const declared = pick(random, ['dependencies', 'peerDependencies', 'optionalDependencies', 'none']);
  const depends = dependency === '' || declared === 'none' ? {} : { [declared]: { [dependency]: '*' } };
  const isCommonJs = random.int(3) === 0;
  const form = random.int(3);
  const entry = form === 1 ? './lib/main.js' : './index.js';
  const how =
    form === 0
      ? {}
      : form === 1
        ? { main: entry }
        : { exports: { '.': { import: entry, default: './other.js' }, './sub/*': './sub/*.js' } };
  files.set(
    `${folder}/package.json`,
    manifest({ name, version, ...(isCommonJs ? {} : { type: 'module' }), ...how, ...depends }),
  );
  const code = (own: number) =>
    isCommonJs
      ? `module.exports = [${own}${dependency === '' ? '' : `, load()`}];\nfunction load() { try { const found = require('${dependency}'); return found.default ?? found; } catch { return 'none'; } }\n`
      : `${dependency === '' ? '' : `let found = 'none';\ntry { found = (await import('${dependency}')).default; } catch {}\n`}export default [${own}${dependency === '' ? '' : ', found'}];\n`;
  for (const file of new Set(['index.js', 'other.js', 'sub/x.js', entry.slice(2)]))
    files.set(`${folder}/${file}`, code(value + file.length));
}

/** A module that reaches some of the others, and packages and files, each in some way. */
function moduleText(name: string, later: readonly string[], random: RandomStream): string {
  const isCommonJs = name.endsWith('.cjs');
  const up = '../'.repeat(name.split('/').length - 2) || './';
  const head: string[] = [];
  const body: string[] = [];
  const nearby = (path: string) => `${up}${path.slice('project/'.length)}`;
  const targets = later.filter(() => random.int(3) > 0);
  for (const [i, target] of targets.entries()) {
    const spec = nearby(target);
    if (isCommonJs) {
      if (target.endsWith('.cjs')) body.push(`values.push(require('${spec}'));`);
      continue;
    }
    switch (random.int(5)) {
      case 0:
      case 1:
        head.push(`import m${i} from '${spec}';`);
        body.push(`values.push(m${i});`);
        break;
      case 2:
        head.push(`import '${spec}';`);
        break;
      case 3:
        if (!target.endsWith('.cjs')) head.push(`import { spare as unused${i} } from '${spec}';`);
        break;
      case 4:
        body.push(`try { values.push((await import('${spec}')).default); } catch { values.push('gone'); }`);
    }
  }
  for (let i = 1 + random.int(5); i > 0; i--) {
    const pack = pick(random, [...PACKAGES, 'w']);
    if (isCommonJs) {
      body.push(
        `try { const found = require('${pack}'); values.push(found.default ?? found); } catch (e) { values.push('no ${pack}'); }`,
      );
      continue;
    }
    switch (random.int(9)) {
      case 0:
      case 1:
        head.push(`import q${i} from '${pack}';`);
        body.push(`values.push(q${i});`);
        break;
      case 2:
        body.push(
          `try { values.push((await import('${pack}/sub/x')).default); } catch { values.push('no sub'); }`,
        );
        break;
      case 3:
        head.push(`import in${i} from '#${pick(random, ['in', 'pack'])}';`);
        body.push(`values.push(in${i});`);
        break;
      case 4:
        head.push(`import self${i} from 'own/lib';`);
        body.push(`values.push(self${i});`);
        break;
      case 5:
        head.push(
          `import { createRequire as cr${i} } from 'node:module';`,
          `const require${i} = cr${i}(import.meta.url);`,
        );
        body.push(
          `try { values.push(require${i}('${pick(random, ['./data', './data.json', './dir', './loose', `${up}loose`])}')); } catch { values.push('no data'); }`,
        );
        break;
      case 6:
        head.push(
          `import { existsSync as ex${i}, readFileSync as rd${i} } from 'node:fs';`,
          `const url${i} = new URL('${pick(random, ['./data.txt', './late.txt', `${up}late.txt`])}', import.meta.url);`,
        );
        body.push(`values.push(ex${i}(url${i}) ? rd${i}(url${i}, 'utf8') : 'no file');`);
        break;
      case 7:
        head.push(
          `import { readdirSync as ls${i}, readFileSync as rf${i} } from 'node:fs';`,
          `const all${i} = new URL('${up}table/', import.meta.url);`,
        );
        body.push(
          `for (const f of ls${i}(all${i}).sort()) values.push(f, rf${i}(new URL(f, all${i}), 'utf8'));`.replace(
            `new URL(f, all${i})`,
            `all${i}.pathname + f`,
          ),
        );
        break;
      case 8:
        head.push(
          `import { existsSync as he${i}, readFileSync as hr${i} } from 'node:fs';`,
          `import { dirname as dn${i}, join as jo${i} } from 'node:path';`,
          `import { fileURLToPath as fp${i} } from 'node:url';`,
          `const here${i} = dn${i}(fp${i}(import.meta.url));`,
        );
        body.push(
          `{ const f = jo${i}(${pick(random, ['import.meta.dirname', `here${i}`])}, 'data.txt'); values.push(he${i}(f) ? hr${i}(f, 'utf8') : 'no text'); }`,
        );
    }
  }
  const constant = random.int(1000);
  if (isCommonJs)
    return `// a comment\nconst values = [${constant}];\n${body.join('\n')}\nmodule.exports = values;\n`;
  const effect = random.int(2) === 0 ? `import { log } from '${up}log.mjs';\n` : '';
  const type = /\.m?ts$/.test(name) ? ': unknown[]' : '';
  const isMain = name === 'project/main.mjs';
  const logged = isMain ? `import { log as whole } from './log.mjs';\n` : '';
  return [
    '// a comment',
    ...head,
    `${effect}${logged}const values${type} = [${constant}];`,
    ...(effect === '' ? [] : [`log.push(${random.int(1000)});`]),
    ...body,
    ...(isMain ? ['values.push([...whole]);'] : []),
    'export default values;',
    'export const spare = 1;',
    `function unused() { return ${random.int(1000)}; }`,
    '',
  ].join('\n');
}

/** Changes a project in some way. Returns what was done. */
export function edit(files: Files, random: RandomStream): Edit {
  const texts = [...files].flatMap(([path, file]) => (typeof file === 'string' ? [path] : []));
  const modules = texts.filter(
    (path) => path.startsWith('project/') && !path.includes('node_modules') && /\.[cm]?[jt]s$/.test(path),
  );
  const set = (path: string, change: (text: string) => string) =>
    files.set(path, change(files.get(path) as string));
  const renumber = (path: string) =>
    set(path, (text) => text.replace(/\d{2,}|\b\d\b/, () => String(1000 + random.int(1000))));
  const folders = [...files.keys()]
    .filter((path) => path.endsWith('/package.json') && path.includes('node_modules/'))
    .map((path) => path.slice(0, -'/package.json'.length));
  switch (random.int(19)) {
    case 0: {
      const path = pick(random, modules);
      renumber(path);
      return { name: `edit ${path}` };
    }
    case 1: {
      const path = pick(random, modules);
      set(path, (text) => `// another comment ${random.int(99)}\n${text}\n/* and one more */\n`);
      return { name: `comment ${path}`, isIdle: true };
    }
    case 2:
      files.set(`project/nobody${random.int(9)}.mjs`, own(random));
      return { name: 'add a file that nobody uses', isIdle: true };
    case 3: {
      const links = [...files].filter(([, file]) => typeof file !== 'string');
      const [path] = pick(random, links);
      const other: Record<string, string[]> = {
        'project/link.mjs': ['c/linked.mjs', 'c/other.mjs', 'nowhere.mjs'],
        'project/dir': ['real', 'real2'],
      };
      const link = pick(random, other[path] ?? ['../../packages/w', 'p0', '../a']);
      files.set(path, { link });
      return { name: `relink ${path} → ${link}` };
    }
    case 4:
    case 5: {
      const folder = pick(random, folders.concat('packages/w'));
      const inside = texts.filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.js'));
      const path = pick(random, inside);
      renumber(path);
      return { name: `republish ${path}` };
    }
    case 6: {
      const folder = pick(random, folders);
      const name = folder.split('node_modules/').pop()!;
      removeFolder(files, folder);
      addPackage(files, folder, name, random);
      return { name: `upgrade ${folder}` };
    }
    case 7:
    case 8: {
      const name = pick(random, [...PACKAGES, 'w']);
      const folder = `${pick(random, ['project/a/', 'project/a/b/', 'project/c/', 'project/', '', `project/node_modules/${pick(random, PACKAGES)}/`])}node_modules/${name}`;
      if (files.has(folder)) files.delete(folder);
      else if (files.has(`${folder}/package.json`)) removeFolder(files, folder);
      else addPackage(files, folder, name, random);
      return { name: `shadow ${folder}, or not` };
    }
    case 9: {
      const path = pick(
        random,
        texts.filter((one) => one !== 'project/main.mjs' && !one.endsWith('package.json')),
      );
      files.delete(path);
      return { name: `delete ${path}` };
    }
    case 10: {
      const path = `project/${pick(random, FOLDERS)}${pick(random, ['late.txt', 'data.txt'])}`;
      files.set(path, String(random.int(90)));
      return { name: `write ${path}` };
    }
    case 11: {
      const path = `project/${pick(random, FOLDERS)}${pick(random, ['data.json', 'data.js', 'data', 'data/index.js', 'loose.js', 'loose.json', 'loose/index.js', 'loose/package.json', 'loose/main.js'])}`;
      const clash = [...files.keys()].some((one) => one.startsWith(`${path}/`) || path.startsWith(`${one}/`));
      if (clash) return { name: 'nothing', isIdle: true };
      files.set(
        path,
        path.endsWith('package.json')
          ? manifest({ main: './main.js', type: 'commonjs' })
          : path.endsWith('.json')
            ? String(random.int(90))
            : `module.exports = ${random.int(90)};\n`,
      );
      return { name: `write ${path}` };
    }
    case 12: {
      const path = `project/table/${pick(random, ['one.txt', 'two.txt', 'three/x.txt'.replace('/x', '-x')])}`;
      if (files.has(path) && random.int(2) === 0) files.delete(path);
      else files.set(path, String(random.int(90)));
      return { name: `change ${path}` };
    }
    case 13: {
      const imports = {
        '#in': pick(random, ['./in.mjs', './lib.mjs', 'p1']),
        '#pack': pick(random, ['p0', '@s/p2', './in.mjs']),
      };
      const exports = { './lib': pick(random, ['./lib.mjs', './in.mjs']) };
      files.set('project/package.json', manifest({ name: 'own', type: 'module', exports, imports }));
      return { name: 'edit the package.json of the project' };
    }
    case 14: {
      const folder = pick(random, ['a', 'c', 'a/b']);
      const path = `project/${folder}/package.json`;
      if (files.has(path)) files.delete(path);
      else
        files.set(
          path,
          manifest({ type: pick(random, ['module', 'commonjs']), name: pick(random, ['own', 'inner']) }),
        );
      return { name: `package.json in ${folder}` };
    }
    case 15: {
      const [a, b] = [pick(random, modules), pick(random, modules)];
      if (/\.cjs$/.test(a) || /\.cjs$/.test(b) || [a, b].includes('project/main.mjs'))
        return { name: 'nothing', isIdle: true };
      const [x, y] = [files.get(a)!, files.get(b)!];
      files.set(a, y);
      files.set(b, x);
      return { name: `swap ${a} and ${b}` };
    }
    case 16: {
      const path = pick(random, modules);
      set(path, (text) =>
        text.replace(/function unused\(\) \{ return \d+/, `function unused() { return ${random.int(1000)}`),
      );
      return { name: `unused helper of ${path}`, isIdle: true };
    }
    case 17: {
      // A module moves, and a link stays in its place: relative imports then count from where it lies.
      const path = pick(
        random,
        modules.filter((one) => one !== 'project/main.mjs'),
      );
      const moved = `project/${pick(random, FOLDERS)}moved${random.int(9)}${/\.[cm]?[jt]s$/.exec(path)![0]}`;
      if (files.has(moved)) return { name: 'nothing', isIdle: true };
      files.set(moved, files.get(path)!);
      const up = '../'.repeat(path.split('/').length - 2);
      files.set(path, { link: `${up}${moved.slice('project/'.length)}` });
      return { name: `move ${path} to ${moved}, with a link` };
    }
    default: {
      const path = pick(random, folders);
      const text = JSON.parse(files.get(`${path}/package.json`) as string) as Record<string, unknown>;
      if (random.int(2) === 0)
        text.exports = pick<unknown>(random, [
          './other.js',
          { '.': './sub/x.js', './sub/x': './index.js' },
          { node: './other.js' },
          null,
        ]);
      else text.main = pick(random, ['./other.js', './sub/x', 'sub', './missing.js']);
      files.set(`${path}/package.json`, manifest(text));
      return { name: `edit ${path}/package.json` };
    }
  }
}

function removeFolder(files: Files, folder: string): void {
  for (const path of [...files.keys()]) if (path.startsWith(`${folder}/`)) files.delete(path);
}
