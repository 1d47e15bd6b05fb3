/** All figures of a study, in the order of the page. */
import type { Pen } from '../drawing/pen.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';
import { clusterOrder } from '../page/order.ts';
import { typeMatrices } from '../page/type-pairs.ts';
import { cellsFigure } from './cells.ts';
import { distributionFigure } from './distribution.ts';
import { embeddingFigure } from './embedding.ts';
import { encodingsFigure } from './encodings.ts';
import { heatmapFigure } from './heatmap.ts';
import { jointFigure } from './joint.ts';
import { mediansFigure } from './medians.ts';
import { relationsFigure } from './relations.ts';
import { sparsityFigure } from './sparsity.ts';
import { typesFigure } from './types.ts';

export function* drawFigures(pen: Pen, data: ReportData): Generator<Figure> {
  const names = new Set<string>();
  for (const figure of allFigures(pen, data)) {
    // Different names of measures may give the same file name, also on file systems that ignore case.
    let { name } = figure;
    for (let k = 2; names.has(name.toLowerCase()); k++) name = `${figure.name}-${k}`;
    names.add(name.toLowerCase());
    yield { ...figure, name };
  }
}

function* allFigures(pen: Pen, data: ReportData): Generator<Figure> {
  const matrices = typeMatrices(data);
  const measures = [...data.measures.keys()];
  for (const index of measures) yield distributionFigure(pen, data, index);
  const relations = relationsFigure(pen, data);
  if (relations !== undefined) yield relations;
  const encodings = encodingsFigure(pen, data);
  if (encodings !== undefined) yield encodings;
  for (const [x, y] of data.jointPairs) {
    yield jointFigure(pen, data, x, y);
    yield mediansFigure(pen, data, matrices, x, y);
  }
  for (const index of measures) yield typesFigure(pen, data, matrices, index);
  const order = heatmapOrder(data, matrices);
  for (const index of measures) yield heatmapFigure(pen, data, matrices, index, order);
  yield cellsFigure(pen, data);
  yield sparsityFigure(pen, data);
  for (const { info, embedding } of data.embeddings) {
    if (embedding.dims >= 2 && embedding.labels.length > 0) yield embeddingFigure(pen, info, embedding);
  }
}

/** Order of types in all heat maps, from the first measure, so that heat maps can be compared side by side. */
function heatmapOrder(data: ReportData, matrices: ReturnType<typeof typeMatrices>): number[] {
  const [first] = data.measures;
  if (first === undefined) return [];
  const { median } = matrices.byMeasure.get(first.name)!;
  const sign = data.distributions[0].orientation === 'similarity' ? 1 : -1;
  return clusterOrder(
    median.map((m) => sign * m),
    matrices.types.length,
  );
}
