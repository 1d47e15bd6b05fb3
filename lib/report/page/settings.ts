/** Config as lines of a table, without file paths: paths have no effect on results and may be private. */
import type { Setting } from './data.ts';

type Plain = unknown;

export function settingLines(config: Readonly<Record<string, Plain>>): Setting[] {
  const lines: Setting[] = [];
  const add = (section: string, name: string, value: Plain): void => {
    if (value === undefined) return;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, item] of Object.entries(value))
        add(section, name === '' ? key : `${name}.${key}`, item);
      return;
    }
    // Labels such as T/NK are not file paths.
    const words = name.startsWith('labels.') && Array.isArray(value) ? value.join('; ') : inWords(value);
    lines.push({ section, name, value: words });
  };
  for (const [section, value] of Object.entries(config)) add(section, '', value);
  return lines;
}

function inWords(value: Plain): string {
  if (value === null) return 'none';
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (Array.isArray(value)) {
    return value
      .map((item) => (Array.isArray(item) ? item.map(inWords).join(' and ') : inWords(item)))
      .join('; ');
  }
  const text = String(value);
  return isFile(text) ? 'a file' : text;
}

/** Whether a text is a file path. Paths inside an h5ad file are not: obsm/X_pca, layers/counts, raw/X. */
const isFile = (text: string) =>
  !/^(obsm|layers|raw)\//.test(text) &&
  (/[\\/]/.test(text) || /\.(h5ad|h5|npy|parquet|arrow|feather|csv|tsv|txt|json|gz)$/i.test(text));
