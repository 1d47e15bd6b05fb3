/** Every link between pages leads somewhere, and every page is reached from README.md. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { anchorsOf, linksOf, pageNames, readPage, root } from './pages.ts';

test('every link leads to a file, and to a heading in it', () => {
  const broken = pageNames().flatMap((name) =>
    linksOf(name, readPage(name))
      .filter(
        ({ page, anchor }) =>
          !existsSync(join(root, page)) || (anchor !== '' && !anchorsOf(readPage(page)).has(anchor)),
      )
      .map(({ page, anchor }) => `${name} → ${page}#${anchor}`),
  );
  assert.deepEqual(broken, []);
});

test('every page is reached from README.md', () => {
  const reached = new Set(['README.md']);
  for (const name of reached) {
    if (!name.endsWith('.md')) continue;
    for (const { page } of linksOf(name, readPage(name))) {
      // A link to a folder shows the pages in it.
      for (const other of pageNames()) if (other === page || other.startsWith(`${page}/`)) reached.add(other);
    }
  }
  assert.deepEqual(
    pageNames().filter((name) => !reached.has(name)),
    [],
  );
});

test('links and headings are read as GitHub reads them', () => {
  const page =
    "# The store\n\n## `encodings.<name>`, `kind: 'rank'`\n```sh\n# no heading\n[no](link.md)\n```\n## The store\n";
  assert.deepEqual([...anchorsOf(page)], ['the-store', 'encodingsname-kind-rank', 'the-store-1']);
  assert.deepEqual(linksOf('docs/a.md', `${page}[b](../b.md#c) [web](https://x.org/y) [here](#the-store)`), [
    { page: 'b.md', anchor: 'c' },
    { page: 'docs/a.md', anchor: 'the-store' },
  ]);
});
