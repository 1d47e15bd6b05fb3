/** The pages that people read, and what in them can be held against something. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const readPage = (name: string): string => readFileSync(join(root, name), 'utf8');

/** Paths of all pages, from the root. */
export const pageNames = (): string[] => ['README.md', ...globSync('docs/**/*.md', { cwd: root })].sort();

const withoutCode = (text: string) => text.replace(/^```.*?^```$/gms, '');

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');

/** Anchors of all headings of a page; of equal headings the later ones are numbered. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutCode(text).matchAll(/^#+ (.*)$/gm)) {
    const anchor = anchorOf(heading);
    let name = anchor;
    for (let n = 1; anchors.has(name); n++) name = `${anchor}-${n}`;
    anchors.add(name);
  }
  return anchors;
}

export interface Link {
  /** Path from the root. */
  readonly page: string;
  /** Empty: the page as a whole. */
  readonly anchor: string;
}

/** Links of a page to other files of the project. */
export function linksOf(name: string, text: string): Link[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, anchor = ''] = target.split('#');
      return { page: path === '' ? name : normalize(join(dirname(name), path)), anchor };
    });
}

/** Cells of the rows of all tables of a text, headings left out. */
export function tableRows(text: string): string[][] {
  return [...text.matchAll(/^\|(?![-|]+$)(.*)\|$/gm)].map(([, row]) =>
    row.split(/(?<!\\)\|/).map((cell) => cell.trim()),
  );
}
