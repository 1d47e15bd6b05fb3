/** Output of a figure as a file (SVG, PNG) and as part of the page. */
import type { Figure } from '../figure.ts';
import { fontFiles } from './font.ts';
import { INK } from './pen.ts';
import { escapeMarkup } from './text.ts';

const attributes = (figure: Figure) =>
  `viewBox="0 0 ${figure.width} ${figure.height}" width="${figure.width}" height="${figure.height}" ` +
  `font-family="Inter, system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif" font-size="12" ` +
  `fill="${INK}" color="${INK}"`;

/** Returns a standalone SVG document with a white background. */
export function svgFile(figure: Figure): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" ${attributes(figure)} role="img">
<title>${escapeMarkup(figure.title)}</title>
<desc>${escapeMarkup(figure.alt)}</desc>
<rect width="100%" height="100%" fill="#fff"/>
${figure.body}
</svg>
`;
}

/** Returns the picture for an HTML page, which provides the white background. */
export function inlineSvg(figure: Figure): string {
  const label = escapeMarkup(`${figure.title}. ${figure.alt}`);
  return `<svg ${attributes(figure)} role="img" aria-label="${label}">${figure.body}</svg>`;
}

/** Target size of a PNG in bytes, above which a lower resolution is tried: figures are used in mails and slides. */
const MOST_BYTES = 300_000;
const ZOOMS = [2, 1.5, 1.25, 1];

/**
 * Returns a function that draws SVG documents as PNG with the bundled font only, so that the bytes are the same on every
 * machine. The resolution is two pixels per unit, less for a picture that would be large.
 */
export async function openPng(): Promise<(svg: string) => Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const font = {
    loadSystemFonts: false,
    fontFiles: fontFiles(),
    defaultFontFamily: 'Inter',
    sansSerifFamily: 'Inter',
  };
  return (svg) => {
    let png = new Uint8Array();
    for (const zoom of ZOOMS) {
      png = new Uint8Array(new Resvg(svg, { fitTo: { mode: 'zoom', value: zoom }, font }).render().asPng());
      if (png.length <= MOST_BYTES) break;
    }
    return png;
  };
}
