import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPen } from '../../lib/report/drawing/pen.ts';
import { drawFigures } from '../../lib/report/figures/index.ts';
import { settingLines } from '../../lib/report/page/settings.ts';
import { renderPage } from '../../lib/report/page.ts';
import { madeUpStudy, typeNames } from './study.ts';

const pen = await openPen();
const page = (data: ReturnType<typeof madeUpStudy>) => renderPage(data, [...drawFigures(pen, data)]);

test('the page asks for nothing: no script, no address, no style sheet or picture from elsewhere', () => {
  const markup = page(madeUpStudy());
  assert.doesNotMatch(markup, /https?:|\/\/\w|<script|<link|<img|<iframe|@import|url\(|src=|\son\w+=/i);
  for (const [, target] of markup.matchAll(/href="([^"]*)"/g)) {
    assert.match(target, /^#[\w-]+$|^figures\/[\w.-]+\.(svg|png)$/);
  }
});

test('every link within the page leads somewhere, and ids are unique', () => {
  const markup = page(madeUpStudy());
  const ids = [...markup.matchAll(/\sid="([^"]*)"/g)].map((m) => m[1]);
  assert.equal(new Set(ids).size, ids.length);
  for (const [, target] of markup.matchAll(/href="#([^"]*)"/g)) assert.ok(ids.includes(target), target);
});

test('figures are numbered in the order in which they stand, each once', () => {
  const numbers = [...page(madeUpStudy()).matchAll(/<b>Figure (\d+)\.<\/b>/g)].map((m) => Number(m[1]));
  assert.deepEqual(
    numbers,
    Array.from({ length: 13 }, (_, i) => i + 1),
  );
});

test('markup in labels, titles and names stays text', () => {
  const attack = '<b onclick="x()">&amp;</b>';
  const data = madeUpStudy({ types: [attack, 'plain'] });
  const markup = page({
    ...data,
    title: attack,
    description: attack,
    settings: [{ section: attack, name: attack, value: attack }],
  });
  assert.equal(markup.includes('<b onclick'), false);
  assert.ok(markup.includes('&lt;b onclick=&quot;x()&quot;&gt;&amp;amp;&lt;/b&gt;'));
});

test('every open tag is closed', async () => {
  const data = madeUpStudy({ types: typeNames(20) });
  const markup = page({ ...data, simulated: true, description: 'Words.' });
  const open: string[] = [];
  for (const [, slash, name, rest] of markup.matchAll(/<(\/?)([a-z][\w-]*)([^>]*)>/gi)) {
    if (
      rest.endsWith('/') ||
      (['meta', 'br', 'rect', 'circle'].includes(name) && slash === '' && rest.endsWith('/'))
    )
      continue;
    if (name === 'meta') continue;
    if (slash === '') open.push(name);
    else assert.equal(open.pop(), name);
  }
  assert.deepEqual(open, []);
});

test('the page says what the separation is, per measure', () => {
  const markup = page(madeUpStudy());
  assert.match(
    markup,
    /<th scope="row">rank-spearman<\/th><td class="n">0\.8970<\/td><td class="n">0\.7940<\/td>/,
  );
  assert.match(
    markup,
    /in 94\.1% of cases by <strong>expression-umap<\/strong> and in 89\.7% of cases by <strong>rank-spearman<\/strong>/,
  );
});

test('the page says how far two measures order types alike', () => {
  const markup = page(madeUpStudy());
  assert.match(markup, /pairs of types<\/td><td class="n">28<\/td><td class="n">−0\.715<\/td>/);
  assert.doesNotMatch(page(madeUpStudy({ jointPairs: [] })), /Rank correlation of the medians/);
});

test('the page says what a number is, where it concerns the study', () => {
  const markup = page(madeUpStudy());
  assert.match(markup, /Spearman between sparse cells tends to the Ochiai overlap/);
  assert.match(markup, /UMAP keeps neighbourhoods/);
  const data = madeUpStudy({ jointPairs: [] });
  const plain = page({
    ...data,
    measures: data.measures.map((m) => ({
      ...m,
      metric: 'cosine',
      method: 'lognorm',
      source: 'encoding' as const,
    })),
    embeddings: [],
  });
  assert.doesNotMatch(plain, /tends to the Ochiai overlap|UMAP keeps neighbourhoods|Do two measures agree/);
});

test('two labels for one type are pointed out', () => {
  const twins = ['CD8-positive, alpha-beta T cell', 'cd8-positive alpha-beta t cell', 'B cell'];
  assert.match(page(madeUpStudy({ types: twins })), /Some labels differ only in case/);
  assert.doesNotMatch(page(madeUpStudy({ types: ['CD4+ T', 'CD4 T'] })), /Some labels differ only in case/);
});

test('one type has a page without a comparison between types', () => {
  const markup = page(madeUpStudy({ types: ['only'] }));
  assert.match(markup, /A dash stands where there is no pair/);
  assert.match(markup, /within and between 1 cell type\./);
});

test('simulated cells are called simulated', () => {
  assert.doesNotMatch(page(madeUpStudy()), /These cells are simulated/);
  assert.match(page({ ...madeUpStudy(), simulated: true }), /These cells are simulated/);
});

test('settings name no file, but places inside one', () => {
  const lines = settingLines({
    subset: { minGenes: 200, minCounts: null },
    encodings: { gf: { kind: 'geneformer', medians: '/home/me/medians.json', tokens: 'tokens.json' } },
    embeddings: { theirs: { method: 'imported', from: 'obsm/X_pca' } },
    joint: {
      pairs: [
        ['a', 'b'],
        ['a', 'c'],
      ],
    },
    run: { seed: undefined },
  });
  assert.deepEqual(
    lines.map(({ section, name, value }) => `${section} ${name} ${value}`),
    [
      'subset minGenes 200',
      'subset minCounts none',
      'encodings gf.kind geneformer',
      'encodings gf.medians a file',
      'encodings gf.tokens a file',
      'embeddings theirs.method imported',
      'embeddings theirs.from obsm/X_pca',
      'joint pairs a and b; a and c',
    ],
  );
});

test('purity is told for all cells and as a mean of types, with batches where there are any', () => {
  const data = madeUpStudy({ types: ['A', 'B'] });
  const { neighborPurity } = data;
  const shares = [0.9, 0.5, 1, 0.8, 0.25, Number.NaN];
  const same_label = neighborPurity.same_label.map((share, i) => shares[i] ?? share);
  const page = renderPage({ ...data, neighborPurity: { ...neighborPurity, same_label } }, []);
  assert.match(
    page,
    /expression-umap<\/th><td class="n">15<\/td><td class="n">90\.0%<\/td><td class="n">75\.0%/,
  );
  assert.match(page, /<td class="n">50<\/td><td class="n">80\.0%<\/td><td class="n">25\.0%/);
  assert.match(page, /same batch, other type/);

  const noBatch = neighborPurity.same_batch.map(() => Number.NaN);
  const without = renderPage({ ...data, neighborPurity: { ...neighborPurity, same_batch: noBatch } }, []);
  assert.doesNotMatch(without, /same batch/);
});
