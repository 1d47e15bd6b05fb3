/** Drawing of all figures of a study, and of the page that shows them. */
import { openPen } from './drawing/pen.ts';
import { openPng, svgFile } from './drawing/picture.ts';
import type { Figure } from './figure.ts';
import { drawFigures } from './figures/index.ts';
import type { ReportData } from './page/data.ts';
import { renderPage } from './page.ts';

/** Callbacks that write the files of figures, and receive the progress. */
export interface RenderOptions {
  write(name: string, content: string | Uint8Array): Promise<void>;
  /** Called after each figure; `total` is an estimate. An exception from it ends the drawing. */
  onFigure(done: number, total: number, name: string): void;
}

/** Writes each figure as SVG and PNG, and returns the page as HTML. */
export async function renderReport(data: ReportData, { write, onFigure }: RenderOptions): Promise<string> {
  const pen = await openPen();
  const png = await openPng();
  const figures: Figure[] = [];
  const total = data.measures.length * 3 + data.jointPairs.length * 2 + data.embeddings.length + 3;
  for (const figure of drawFigures(pen, data)) {
    const svg = svgFile(figure);
    await write(`${figure.name}.svg`, svg);
    await write(`${figure.name}.png`, png(svg));
    figures.push(figure);
    onFigure(figures.length, total, figure.name);
  }
  return renderPage(data, figures);
}
