/** Colours of cell types. */

/** Okabe and Ito's colours, darkened where they would be too light on white. */
const FEW = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#5b5b5b', '#a39500'];

/**
 * Returns n colours, the same for the same n. Up to eight colours are distinguishable with all common kinds of colour
 * blindness. More cannot be: hues then advance by the golden angle with three steps of lightness, and figures also number
 * the types.
 */
export function palette(n: number): string[] {
  if (n <= FEW.length) return FEW.slice(0, n);
  const lightness = [0.52, 0.7, 0.62];
  const chroma = [0.14, 0.13, 0.17];
  return Array.from({ length: n }, (_, i) => oklch(lightness[i % 3], chroma[i % 3], (i * 137.50776) % 360));
}

/** Converts OKLCH to #rrggbb, clipped to sRGB (Ottosson, "A perceptual color space for image processing", 2020). */
function oklch(l: number, c: number, h: number): string {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const L = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const M = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const S = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb = [
    4.0767416621 * L - 3.3077115913 * M + 0.2309699292 * S,
    -1.2684380046 * L + 2.6097574011 * M - 0.3413193965 * S,
    -0.0041960863 * L - 0.7034186147 * M + 1.707614701 * S,
  ];
  return `#${rgb
    .map((v) => {
      const gamma = v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055;
      return Math.max(0, Math.min(255, Math.round(gamma * 255)))
        .toString(16)
        .padStart(2, '0');
    })
    .join('')}`;
}
