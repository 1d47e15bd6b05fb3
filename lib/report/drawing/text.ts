/** Formatting and escaping of text, numbers and labels, independent of the machine's locale. */

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for content or for a quoted attribute, in HTML and in XML. */
export function escapeMarkup(text: string): string {
  return printable(text).replace(/[&<>"']/g, (c) => ENTITIES[c]);
}

/** Replaces characters that XML does not allow: control characters and unpaired surrogates. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd');
}

/** Formats a rounded number with separators: 1234567 as "1,234,567". */
export function count(n: number): string {
  const digits = String(Math.abs(Math.round(n)));
  return (n < 0 ? '−' : '') + digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Formats a value with about `digits` significant digits, or a dash for a missing value. */
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

/** Power of ten of a positive number's first digit, from its decimal text, since logarithms differ between engines. */
const exponentOf = (x: number): number => Number(x.toExponential().split('e')[1]);

/** Number of decimals for numbers up to `largest` in one column: `digits` significant digits of the largest. */
export function decimalsFor(largest: number, digits: number): number {
  if (!(largest > 0) || !Number.isFinite(largest)) return digits - 1;
  return Math.min(6, Math.max(0, digits - 1 - exponentOf(largest)));
}

/** Formats a value with a fixed number of decimals, or a dash for a missing value. */
export function fixed(x: number | null | undefined, decimals: number): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '–';
  return minus(x.toFixed(decimals));
}

/** Formats a share as a percentage, or a dash for a missing value. */
export function percent(x: number | null | undefined, decimals = 1): string {
  return x === null || x === undefined || !Number.isFinite(x) ? '–' : `${fixed(100 * x, decimals)}%`;
}

/** Formats a count with its noun: "1 type", "2 types". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

const minus = (text: string) => (/[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', ''));
const superscript = (n: number) =>
  [...String(n)].map((c) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(c)]).join('');

/**
 * Estimates the width of a text in Inter, in pixels at a font size, within some percent. Browsers may use another typeface,
 * so layouts leave room.
 */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const c of text)
    width += /[iljtfrI.,:;'|!()[\] -]/.test(c) ? 0.33 : /[mwMW@%]/.test(c) ? 0.88 : wide(c);
  return width * size;
}
const wide = (c: string) => (c.codePointAt(0)! > 0x2e7f ? 1 : /[A-Z0-9+=<>−–]/.test(c) ? 0.66 : 0.57);

/** Shortens a label to a width in pixels, with an ellipsis if anything is cut. */
export function fit(label: string, width: number, size: number): string {
  const text = printable(label);
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join('')}…`, size) > width) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}

/** Compares by code unit, which is the same on every machine. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Converts a name to a part of a file name; a long name is shortened, since a file name may contain two of them. */
export function slug(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, SLUG_LETTERS);
  return plain.replace(/^[-.]+|[-.]+$/g, '') || 'unnamed';
}

const SLUG_LETTERS = 80;
