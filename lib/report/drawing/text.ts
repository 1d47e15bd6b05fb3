/** Text for people: numbers, labels and their escaping. No locale of the machine takes part. */

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as content or as a quoted attribute, in HTML and in XML. */
export function escapeMarkup(text: string): string {
  return printable(text).replace(/[&<>"']/g, (c) => ENTITIES[c]);
}

/** Replaces what no XML document may hold: control characters and halves of surrogate pairs. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd');
}

/** 1234567 as "1,234,567". */
export function count(n: number): string {
  const digits = String(Math.abs(Math.round(n)));
  return (n < 0 ? '−' : '') + digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A value with about `digits` significant digits, or a dash where there is none. */
export function value(x: number | null | undefined, digits = 3): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '–';
  if (x === 0) return '0';
  const size = Math.abs(x);
  const decimals = digits - 1 - exponentOf(size);
  if (size >= 1e6 || size < 1e-4) {
    const [mantissa, exponent] = x.toExponential(Math.max(0, digits - 1)).split('e');
    return `${minus(mantissa)}×10${superscript(Number(exponent))}`;
  }
  if (decimals <= 0) return count(x);
  return minus(x.toFixed(Math.min(6, decimals)));
}

/** The power of ten of a positive number's first digit. From its decimal text: logarithms differ between engines. */
const exponentOf = (x: number): number => Number(x.toExponential().split('e')[1]);

/** Decimals with which numbers up to this size read well beside each other: `digits` significant ones of the largest. */
export function decimalsFor(largest: number, digits: number): number {
  if (!(largest > 0) || !Number.isFinite(largest)) return digits - 1;
  return Math.min(6, Math.max(0, digits - 1 - exponentOf(largest)));
}

/** A value with a fixed number of decimals, or a dash where there is none. */
export function fixed(x: number | null | undefined, decimals: number): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '–';
  return minus(x.toFixed(decimals));
}

/** A share as a percentage. */
export function percent(x: number | null | undefined, decimals = 1): string {
  return x === null || x === undefined || !Number.isFinite(x) ? '–' : `${fixed(100 * x, decimals)}%`;
}

/** "1 type", "2 types". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

const minus = (text: string) => (/[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', ''));
const superscript = (n: number) =>
  [...String(n)].map((c) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(c)]).join('');

/**
 * Width of a text in pixels at a font size, as Inter sets it, to within some percent. Browsers may set another
 * typeface, so layouts leave room.
 */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const c of text)
    width += /[iljtfrI.,:;'|!()[\] -]/.test(c) ? 0.33 : /[mwMW@%]/.test(c) ? 0.88 : wide(c);
  return width * size;
}
const wide = (c: string) => (c.codePointAt(0)! > 0x2e7f ? 1 : /[A-Z0-9+=<>−–]/.test(c) ? 0.66 : 0.57);

/** A label cut to a width in pixels, with an ellipsis where something is missing. */
export function fit(label: string, width: number, size: number): string {
  const text = printable(label);
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join('')}…`, size) > width) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}

/** Order by code unit: the same on every machine. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A name as part of a file's name: of a long one its beginning, for a file's name may hold two. */
export function slug(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, SLUG_LETTERS);
  return plain.replace(/^[-.]+|[-.]+$/g, '') || 'unnamed';
}

const SLUG_LETTERS = 80;
