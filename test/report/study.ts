/** A made-up study of any number of types, for drawing: numbers are plausible, not measured. */
import type { Distribution, DistributionSummary } from '../../lib/data/results/tables.ts';
import { RandomStream } from '../../lib/flow/random.ts';
import type { ReportData } from '../../lib/report/page/data.ts';

interface Options {
  types?: readonly string[];
  cellsPerType?: number;
  jointPairs?: readonly (readonly [string, string])[];
}

export const typeNames = (n: number): string[] =>
  Array.from(
    { length: n },
    (_, i) =>
      [
        'T cell',
        'B cell',
        'classical monocyte',
        'natural killer cell',
        'CD8-positive, alpha-beta T cell',
        'endothelial cell of vascular tree of the lung',
        'platelet',
      ][i % 7] + (i < 7 ? '' : ` ${i}`),
  ).sort();

export function madeUpStudy(options: Options = {}): ReportData {
  const {
    types = typeNames(8),
    cellsPerType = 60,
    jointPairs = [['expression-umap', 'rank-spearman']],
  } = options;
  const random = new RandomStream(1, 2);
  const n = types.length;
  const normal = () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random.float64();
    return sum;
  };
  const position = types.map((_, i) => [Math.floor(i / 3) * 6 + normal(), 4 * normal(), 3 * normal()]);
  const measures = [
    {
      name: 'expression-umap',
      metric: 'euclidean',
      of: 'expressionUmap',
      source: 'embedding' as const,
      method: 'umap',
      from: 'expression',
    },
    {
      name: 'rank-spearman',
      metric: 'spearman',
      of: 'rank',
      source: 'encoding' as const,
      method: 'rank',
      from: null,
    },
  ];
  const distance = (a: number, b: number) =>
    Math.hypot(...position[a].map((p, d) => p - position[b][d])) * 0.6 + 0.9;
  const median = (measure: number, a: number, b: number) =>
    measure === 0
      ? distance(a, b) + 0.2 * random.float64()
      : 0.15 + 0.45 * Math.exp(-distance(a, b) / 4) + 0.03 * normal();

  const rows = measures.flatMap((measure, m) =>
    types.flatMap((_, a) =>
      types.slice(a).map((_, k) => ({ measure: measure.name, a, b: a + k, median: median(m, a, a + k), m })),
    ),
  );
  const spread = (k: number) =>
    Float64Array.from(rows, ({ median, m }) => median * (m === 0 ? 1 : 0.9) + k * (m === 0 ? 0.4 : 0.05));
  const pairsOf = (a: number, b: number) =>
    a === b ? (cellsPerType * (cellsPerType - 1)) / 2 : cellsPerType ** 2;

  const distributions = measures.map((measure, m): Distribution => {
    const bins = 50;
    const edges = Array.from({ length: bins + 1 }, (_, i) => (m === 0 ? (i * 20) / bins : -0.1 + i / bins));
    const bell = (mean: number, sd: number, scale: number) =>
      edges.slice(1).map((e) => Math.round(scale * Math.exp(-(((e - mean) / sd) ** 2) / 2)));
    const within = m === 0 ? bell(2, 1, 1000) : bell(0.5, 0.08, 1000);
    const between = m === 0 ? bell(9, 4, 7000) : bell(0.3, 0.1, 7000);
    return {
      metric: measure.metric,
      orientation: m === 0 ? 'distance' : 'similarity',
      ...(m === 0 ? { dims: 5 } : { genes_used: 2000 }),
      cells: n * cellsPerType,
      within: summary(m === 0 ? 2 : 0.5, m === 0 ? 1 : 0.08, sum(within)),
      between: n > 1 ? summary(m === 0 ? 9 : 0.3, m === 0 ? 4 : 0.1, sum(between)) : NOTHING,
      auroc: n > 1 ? (m === 0 ? 0.941 : 0.897) : null,
      auroc_error_bound: n > 1 ? 0 : null,
      cliffs_delta: n > 1 ? (m === 0 ? 0.882 : 0.794) : null,
      histogram: { edges, within, between: n > 1 ? between : between.map(() => 0) },
    };
  });

  const levels = Array.from({ length: 20 }, (_, i) => i / 20);
  const relations = measures.flatMap(({ name }, m) =>
    levels.flatMap((level, i) =>
      (['same_label', 'other_label'] as const).map((relation) => {
        const cells = n * cellsPerType;
        const strictness = m === 0 ? 1 - level : level;
        const related = Math.round(((cells * (cells - 1)) / 2) * 10 ** (-4 * strictness));
        const same = 0.1 + 0.8 * strictness;
        const share = relation === 'same_label' ? same : 1 - same;
        return {
          name,
          cutoff: m === 0 ? i + 1 : level,
          relation,
          related,
          pairs: Math.round(related * share),
          share,
        };
      }),
    ),
  );
  const purity = measures.flatMap(({ name }, m) =>
    [15, 50].flatMap((k) =>
      [null, ...types].map((label) => ({ name, k, label, share: 0.9 - m / 10 - k / 500 })),
    ),
  );

  const hexagons = jointPairs.flatMap(([x, y]) =>
    (n > 1 ? ['within', 'between'] : ['within']).flatMap((scope) => {
      const found = [];
      for (let r = 0; r < 40; r++) {
        for (let q = -20; q < 40; q++) {
          const hx = 0.5 + 0.4 * (q + r / 2);
          const hy = 0.05 + 0.018 * r;
          if (hx < 0 || hx > 18) continue;
          const [cx, cy] = scope === 'within' ? [2, 0.5] : [8, 0.3];
          const pairs = Math.round(
            5000 * Math.exp(-(((hx - cx) / 2.5) ** 2) - ((hy - cy + (hx - cx) / 60) / 0.1) ** 2),
          );
          if (pairs > 0) found.push({ x, y, scope, q, r, hx, hy, stepX: 0.4, stepY: 0.018, pairs });
        }
      }
      return found;
    }),
  );

  const bins = Array.from({ length: 100 }, (_, i) => i / 100);
  const cells = n * cellsPerType;
  const labels = Array.from({ length: cells }, (_, i) => types[i % n]);
  const embedded = new Float32Array(cells * 5);
  for (let i = 0; i < cells; i++) {
    for (let d = 0; d < 5; d++) {
      embedded[i * 5 + d] = position[i % n][d % 3] * (d < 3 ? 1 : 0.3) + 0.7 * normal();
    }
  }
  return {
    title: 'A made-up study',
    description: null,
    simulated: false,
    measures,
    jointPairs,
    settings: [
      { section: 'subset', name: 'minGenes', value: '200' },
      { section: 'encodings', name: 'rank.kind', value: 'rank' },
    ],
    typePairs: {
      measure: rows.map((r) => r.measure),
      type_a: rows.map((r) => types[r.a]),
      type_b: rows.map((r) => types[r.b]),
      within: rows.map((r) => r.a === r.b),
      n_pairs: Float64Array.from(rows, (r) => pairsOf(r.a, r.b)),
      median: Float64Array.from(rows, (r) => r.median),
      mean: Float64Array.from(rows, (r) => r.median),
      q05: spread(-2),
      q25: spread(-1),
      q75: spread(1),
      q95: spread(2),
    },
    separation: {
      measure: measures.map((m) => m.name),
      n_within: Float64Array.from(distributions, (d) => d.within.n),
      n_between: Float64Array.from(distributions, (d) => d.between.n),
      median_within: Float64Array.from(distributions, (d) => d.within.median ?? Number.NaN),
      median_between: Float64Array.from(distributions, (d) => d.between.median ?? Number.NaN),
      auroc: Float64Array.from(distributions, (d) => d.auroc ?? Number.NaN),
      cliffs_delta: Float64Array.from(distributions, (d) => d.cliffs_delta ?? Number.NaN),
      iqr_within: Float64Array.from(distributions, (d) => (d.within.q75 ?? Number.NaN) - (d.within.q25 ?? 0)),
      iqr_between: Float64Array.from(
        distributions,
        (d) => (d.between.q75 ?? Number.NaN) - (d.between.q25 ?? 0),
      ),
    },
    cutoffs: {
      measure: relations.map((r) => r.name),
      cutoff: Float64Array.from(relations, (r) => r.cutoff),
      relation: relations.map((r) => r.relation),
      batch_relation: relations.map(() => 'any'),
      pairs: Float64Array.from(relations, (r) => r.pairs),
      cells_with_none: Float64Array.from(relations, (r) => (r.related < 50 ? n * cellsPerType - 9 : 3)),
      mean_fraction: Float64Array.from(relations, (r) => r.share),
      chance: Float64Array.from(relations, (r) => (r.relation === 'same_label' ? 1 / n : 1 - 1 / n)),
    },
    neighborPurity: {
      measure: purity.map((p) => p.name),
      label: purity.map((p) => p.label),
      k: Int32Array.from(purity, (p) => p.k),
      same_label: Float64Array.from(purity, (p) => p.share),
      same_batch: Float64Array.from(purity, (p) => p.share / 2),
      same_batch_other_label: Float64Array.from(purity, () => 0.05),
      chance_same_label: Float64Array.from(purity, () => 1 / n),
    },
    encodings: comparedEncodings(),
    joint: {
      x_measure: hexagons.map((h) => h.x),
      y_measure: hexagons.map((h) => h.y),
      scope: hexagons.map((h) => h.scope),
      hex_q: Int32Array.from(hexagons, (h) => h.q),
      hex_r: Int32Array.from(hexagons, (h) => h.r),
      x: Float64Array.from(hexagons, (h) => h.hx),
      y: Float64Array.from(hexagons, (h) => h.hy),
      step_x: Float64Array.from(hexagons, (h) => h.stepX),
      step_y: Float64Array.from(hexagons, (h) => h.stepY),
      pairs: Float64Array.from(hexagons, (h) => h.pairs),
    },
    agreement: {
      x_measure: jointPairs.flatMap(([x]) => [x, x]),
      y_measure: jointPairs.flatMap(([, y]) => [y, y]),
      scope: jointPairs.flatMap(() => ['within', 'between']),
      n_points: Float64Array.from(jointPairs.flatMap(() => [n, (n * (n - 1)) / 2])),
      spearman: Float64Array.from(jointPairs.flatMap(() => [-0.25, n > 1 ? -0.715 : Number.NaN])),
    },
    sparsity: {
      scope: [...bins.map(() => 'all'), ...bins.map(() => 'sampled')],
      bin_start: Float64Array.from([...bins, ...bins]),
      bin_end: Float64Array.from([...bins, ...bins], (b) => b + 0.01),
      cells: Float64Array.from([...bins, ...bins], (b, i) =>
        Math.round((i < 100 ? 900 : 300) * Math.exp(-(((b - 0.86) / 0.04) ** 2))),
      ),
    },
    cellTypes: {
      label: [...types, 'rare type'],
      cells_total: Float64Array.from([...types.map((_, i) => 1300 - 9 * i), 12]),
      cells_passing: Float64Array.from([...types.map((_, i) => 1200 - 9 * i), 11]),
      cells_sampled: Float64Array.from([...types.map(() => cellsPerType), 0]),
    },
    distributions,
    embeddings: [
      {
        info: { name: 'expressionUmap', method: 'umap', from: 'expression' },
        embedding: {
          cellIds: labels.map((_, i) => `cell-${i}`),
          labels,
          dims: 5,
          values: embedded,
        },
      },
    ],
    sample: {
      totalCounts: Float64Array.from(labels, (_, i) => 1000 + i),
      genes: Int32Array.from(labels, (_, i) => 400 + (i % 50)),
      sparsity: Float64Array.from(labels, (_, i) => 0.8 + (i % 10) / 100),
    },
    genes: { kept: 12_345, variable: 2000 },
  };
}

/** A reference, an encoding and a floor, by two metrics and one k. */
function comparedEncodings(): NonNullable<ReportData['encodings']> {
  const rows = [
    ['expression', 'reference', 'pearson', 0.9, 1],
    ['expression', 'reference', 'euclidean', 0.8, 0.6],
    ['rank', 'encoding', 'pearson', 0.85, 0.7],
    ['rank', 'encoding', 'euclidean', 0.75, 0.5],
    ['random-order', 'floor', 'pearson', 0.7, 0.2],
  ] as const;
  const statistics = [
    ['auroc', null, null],
    ['label_purity_macro', null, 15],
    ['neighbor_overlap', 'pearson', 15],
    ['type_pair_medians', 'pearson', null],
  ] as const;
  const all = rows.flatMap(([encoding, role, metric, auroc, overlap]) =>
    statistics.map(([statistic, referenceMetric, k]) => {
      const isOverlap = statistic === 'neighbor_overlap';
      const isSelf = statistic === 'type_pair_medians' || isOverlap;
      return { encoding, role, metric, statistic, referenceMetric, k, value: isSelf ? overlap : auroc };
    }),
  );
  const shifted = (by: number) => Float64Array.from(all, ({ value }) => value + by);
  return {
    encoding: all.map((row) => row.encoding),
    role: all.map((row) => row.role),
    statistic: all.map((row) => row.statistic),
    metric: all.map((row) => row.metric),
    is_reference_metric: all.map(({ metric }) => metric === 'pearson'),
    reference_metric: all.map((row) => row.referenceMetric),
    k: Float64Array.from(all, ({ k }) => k ?? Number.NaN),
    resampled: all.map(({ statistic }) => (statistic === 'type_pair_medians' ? 'types' : 'cells')),
    value: shifted(0),
    lo: shifted(-0.02),
    hi: shifted(0.02),
    difference: shifted(-0.9),
    difference_lo: shifted(-0.91),
    difference_hi: shifted(-0.89),
  };
}

const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
const summary = (mean: number, sd: number, n: number): DistributionSummary => ({
  n,
  min: mean - 3 * sd,
  max: mean + 3 * sd,
  mean,
  q05: mean - 1.64 * sd,
  q25: mean - 0.67 * sd,
  median: mean,
  q75: mean + 0.67 * sd,
  q95: mean + 1.64 * sd,
});
const NOTHING: DistributionSummary = {
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
