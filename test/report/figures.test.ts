import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FONT_VERSION, fontFiles } from '../../lib/report/drawing/font.ts';
import { openPen } from '../../lib/report/drawing/pen.ts';
import { openPng, svgFile } from '../../lib/report/drawing/picture.ts';
import type { Figure } from '../../lib/report/figure.ts';
import { drawFigures } from '../../lib/report/figures/index.ts';
import type { ReportData } from '../../lib/report/page/data.ts';
import { madeUpStudy, typeNames } from './study.ts';

const pen = await openPen();
const png = await openPng();
const draw = (data: ReportData) => [...drawFigures(pen, data)];
const named = (figures: readonly Figure[], name: string) => {
  const figure = figures.find((f) => f.name === name);
  assert.ok(figure, `no figure ${name}; there are ${figures.map((f) => f.name).join(', ')}`);
  return figure;
};
const occurrences = (text: string, what: RegExp) => [...text.matchAll(what)].length;

const HEXAGON = /<path d="M(\S+) (\S+)l(\S+) (\S+)v\S+l\S+ \S+l\S+ \S+v\S+z"\/>/g;
const DOT = /h0/g;

test('a study of two measures has all its figures, in the order of the page', () => {
  assert.deepEqual(
    draw(madeUpStudy()).map((f) => f.name),
    [
      'distribution-expression-umap',
      'distribution-rank-spearman',
      'relations',
      'encodings',
      'joint-expression-umap--rank-spearman',
      'medians-expression-umap--rank-spearman',
      'types-expression-umap',
      'types-rank-spearman',
      'heatmap-expression-umap',
      'heatmap-rank-spearman',
      'cell-types',
      'sparsity',
      'embedding-expressionUmap',
    ],
  );
});

test('relations are one point a cut-off, each measure a line', () => {
  const data = madeUpStudy();
  const { body, alt, caption } = named(draw(data), 'relations');
  assert.equal(occurrences(body, /<circle transform="translate\([\d.]+,[\d.]+\)"/g), 2 * 20);
  assert.match(alt, /2 measures: expression-umap 90\.0% at its strictest cut-off, rank-spearman/);
  assert.match(caption, /share among all pairs, 12\.5%/);
  assert.doesNotMatch(body, /NaN|Infinity/);
  assert.equal(occurrences(body, /r="3" fill="#fff"/g), 4 + 3, 'the strictest leave most cells out');

  // A measure without relations has no line; with none at all there is no figure.
  const { cutoffs } = data;
  const pairs = cutoffs.pairs.map((n, i) => (cutoffs.measure[i] === 'rank-spearman' ? 0 : n));
  const half = named(draw({ ...data, cutoffs: { ...cutoffs, pairs } }), 'relations');
  assert.equal(occurrences(half.body, /<circle transform/g), 20);
  const none = draw({ ...data, cutoffs: { ...cutoffs, pairs: new Float64Array(pairs.length) } });
  assert.equal(
    none.find((figure) => figure.name === 'relations'),
    undefined,
  );
});

test('every row of the joint table is one hexagon, and neighbours touch', () => {
  const data = madeUpStudy();
  const { body, caption } = named(draw(data), 'joint-expression-umap--rank-spearman');
  assert.equal(occurrences(body, HEXAGON), data.joint.pairs.length);
  const hexagons = [...body.matchAll(HEXAGON)].map((m) => m.slice(1).map(Number));
  const width = 2 * hexagons[0][2];
  const first = hexagons[0];
  const distances = hexagons
    .filter((h) => Math.abs(h[1] - first[1]) < 0.02 && h !== first)
    .map((h) => Math.abs(h[0] - first[0]));
  assert.ok(distances.some((d) => Math.abs(d - width) < 0.03));
  assert.match(caption, /475,064 pairs within/);
});

test('the scatter of medians has one point a type and one a pair of types', () => {
  const { body, alt } = named(
    draw(madeUpStudy({ types: typeNames(20) })),
    'medians-expression-umap--rank-spearman',
  );
  assert.equal(occurrences(body, /r="4.5"/g), 20 + 1, '20 types and the key');
  assert.equal(occurrences(body, /r="2.5"/g), (20 * 19) / 2);
  assert.match(alt, /20 types and 190 pairs of types/);
});

test('a heat map has a cell for every pair of types that has a median', () => {
  const data = madeUpStudy();
  const row = data.typePairs.type_a.findIndex(
    (a, i) => a !== data.typePairs.type_b[i] && data.typePairs.measure[i] === 'rank-spearman',
  );
  data.typePairs.median[row] = Number.NaN;
  const figures = draw(data);
  const cells = /<path d="M[^"]*h[^"]*v[^"]*h[^"]*z"\/>/g;
  assert.equal(occurrences(named(figures, 'heatmap-expression-umap').body, cells), 64);
  assert.equal(occurrences(named(figures, 'heatmap-rank-spearman').body, cells), 62);
  assert.match(named(figures, 'heatmap-rank-spearman').caption, /grey has no value/);
});

test('more alike is brighter in a heat map, for distances and for similarities', () => {
  const figures = draw(madeUpStudy());
  for (const name of ['heatmap-expression-umap', 'heatmap-rank-spearman']) {
    const { body } = named(figures, name);
    // The brightest group holds cells of the diagonal alone: x − left equals y − top.
    const groups = [...body.matchAll(/<g fill="#(\w{6})" stroke="[^"]*">(.*?)<\/g>/g)];
    const cells = [
      ...groups[groups.length - (name.includes('umap') ? groups.length : 1)][2].matchAll(
        /M([\d.]+) ([\d.]+)h/g,
      ),
    ];
    assert.ok(cells.length > 0);
    for (const [, x, y] of cells) assert.ok(Math.abs(Number(x) - 190 - (Number(y) - 40)) < 0.02, name);
  }
});

test('types are sorted from the most alike, and one without a median says so', () => {
  const data = madeUpStudy({ types: ['a', 'b', 'c'] });
  const of = (type: string, measure: string) =>
    data.typePairs.type_a.findIndex(
      (a, i) => a === type && data.typePairs.type_b[i] === type && data.typePairs.measure[i] === measure,
    );
  for (const [type, distance, rho] of [
    ['a', 3, 0.2],
    ['b', Number.NaN, Number.NaN],
    ['c', 1, 0.7],
  ] as const) {
    data.typePairs.median[of(type, 'expression-umap')] = distance;
    data.typePairs.median[of(type, 'rank-spearman')] = rho;
  }
  for (const name of ['types-expression-umap', 'types-rank-spearman']) {
    const { body } = named(draw(data), name);
    const order = [...body.matchAll(/>([abc])<\/text>/g)].map((m) => m[1]);
    assert.deepEqual(order, ['c', 'a', 'b'], name);
    assert.equal(occurrences(body, /no pair with a value/g), 1);
  }
});

test('the medians of a distribution stand where its axis says', () => {
  const { body } = named(draw(madeUpStudy()), 'distribution-rank-spearman');
  const dashed = [...body.matchAll(/d="M(\S+) \S+V\S+" stroke="(#\w+)"[^>]*stroke-dasharray/g)];
  const at = Object.fromEntries(dashed.map((m) => [m[2], Number(m[1])]));
  // The axis runs from −0.1 at 60 to 0.9 at 744.
  assert.ok(Math.abs(at['#d55e00'] - (60 + 0.6 * 684)) < 0.02);
  assert.ok(Math.abs(at['#0072b2'] - (60 + 0.4 * 684)) < 0.02);
});

test('an embedding draws every cell, or the same share of each type beyond 20,000', () => {
  const few = named(draw(madeUpStudy()), 'embedding-expressionUmap');
  assert.equal(occurrences(few.body, DOT), 480);
  assert.match(few.caption, /first 2 of its 5 dimensions/);
  const many = named(
    draw(madeUpStudy({ types: typeNames(10), cellsPerType: 3000 })),
    'embedding-expressionUmap',
  );
  assert.equal(occurrences(many.body, DOT), 20_000);
  const byColor = new Map<string, number>();
  for (const [, color, d] of many.body.matchAll(/<path stroke="(#\w+)" d="([^"]*)"/g)) {
    byColor.set(color, (byColor.get(color) ?? 0) + occurrences(d, DOT));
  }
  assert.deepEqual(
    [...byColor.values()],
    Array.from({ length: 10 }, () => 2000),
  );
});

test('an embedding of one dimension, or of no cells, is not drawn', () => {
  const data = madeUpStudy();
  const [{ info }] = data.embeddings;
  const flat = { cellIds: ['a'], labels: ['x'], dims: 1, values: new Float32Array(1) };
  const empty = { cellIds: [], labels: [], dims: 3, values: new Float32Array(0) };
  const figures = draw({
    ...data,
    embeddings: [
      { info, embedding: flat },
      { info, embedding: empty },
    ],
  });
  assert.deepEqual(
    figures.filter((f) => f.section === 'embedding'),
    [],
  );
});

test('equal data give equal bytes, also from another pen', async () => {
  const first = draw(madeUpStudy()).map(svgFile);
  const second = [...drawFigures(await openPen(), madeUpStudy())].map(svgFile);
  assert.deepEqual(second, first);
  assert.deepEqual(png(second[0]), png(first[0]));
});

const NASTY = [
  '<script>alert(1)</script>',
  'a & b "quoted" \'single\'',
  'naïve CD4⁺ T 細胞 Ω',
  'broken \ud800 half\u0007bell',
  '__proto__',
  `${'very '.repeat(40)}long`,
  '',
];

const studies: [string, () => ReportData][] = [
  ['one type', () => madeUpStudy({ types: ['only'] })],
  ['no pair of measures', () => madeUpStudy({ jointPairs: [] })],
  ['89 types', () => madeUpStudy({ types: typeNames(89), cellsPerType: 5 })],
  ['labels with markup', () => madeUpStudy({ types: NASTY })],
  ['no median anywhere', withoutValues],
  ['no measure at all', withoutMeasures],
];
for (const [name, make] of studies) {
  test(`${name}: every figure is well-formed and needs nothing from outside`, () => {
    for (const figure of draw(make())) {
      const svg = svgFile(figure);
      assert.doesNotMatch(svg, /NaN|undefined|Infinity/, figure.name);
      assert.doesNotMatch(svg, /\s(?:id|class|style|href)=|url\(|<script|<style|<image/, figure.name);
      assert.equal(
        svg.replace('xmlns="http://www.w3.org/2000/svg"', '').includes('http'),
        false,
        figure.name,
      );
      // The renderer reads strict XML and throws at the first mistake.
      const { width, height, bytes } = pngSize(png(svg));
      assert.ok(width / figure.width >= 1 && Math.abs(width / figure.width - height / figure.height) < 0.01);
      assert.ok(bytes <= 300_000, `${figure.name}: ${bytes} bytes`);
    }
  });
}

test('a PNG has two pixels a unit and a signature', () => {
  const figure = named(draw(madeUpStudy()), 'sparsity');
  const bytes = png(svgFile(figure));
  assert.deepEqual([...bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  assert.deepEqual(pngSize(bytes), { width: 1520, height: 2 * figure.height, bytes: bytes.length });
});

test('a PNG shows text with no font of the system, in regular and semi-bold', () => {
  const picture = (text: string, weight = 400) =>
    png(
      `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20" font-family="Inter, system-ui, sans-serif"><text x="2" y="15" font-weight="${weight}">${text}</text></svg>`,
    );
  const empty = picture('');
  assert.notDeepEqual(picture('ρ →'), empty);
  assert.notDeepEqual(picture('abc', 600), picture('abc'));
});

test('the version of the typeface is the one that is installed', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(FONT_VERSION, `@expo-google-fonts/inter ${manifest.dependencies['@expo-google-fonts/inter']}`);
  for (const file of fontFiles()) assert.ok(readFileSync(file).length > 100_000);
});

function withoutValues(): ReportData {
  const data = madeUpStudy();
  for (const column of ['median', 'mean', 'q05', 'q25', 'q75', 'q95'] as const)
    data.typePairs[column].fill(Number.NaN);
  for (const column of [
    'median_within',
    'median_between',
    'auroc',
    'cliffs_delta',
    'iqr_within',
    'iqr_between',
  ] as const) {
    data.separation[column].fill(Number.NaN);
  }
  const none = {
    n: 0,
    min: null,
    max: null,
    mean: null,
    q05: null,
    q25: null,
    median: null,
    q75: null,
    q95: null,
  };
  const nothing = { edges: [], within: [], between: [] };
  return {
    ...data,
    joint: Object.fromEntries(
      Object.entries(data.joint).map(([k, v]) => [k, v.slice(0, 0)]),
    ) as ReportData['joint'],
    distributions: data.distributions.map((d) => ({
      ...d,
      within: none,
      between: none,
      auroc: null,
      auroc_error_bound: null,
      cliffs_delta: null,
      histogram: nothing,
    })),
  };
}

function withoutMeasures(): ReportData {
  const data = madeUpStudy({ jointPairs: [] });
  const emptied = <T extends object>(columns: T) =>
    Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, v.slice(0, 0)])) as T;
  return {
    ...data,
    measures: [],
    distributions: [],
    typePairs: emptied(data.typePairs),
    separation: emptied(data.separation),
  };
}

function pngSize(bytes: Uint8Array): { width: number; height: number; bytes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20), bytes: bytes.length };
}
