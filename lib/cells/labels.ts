/** Cell labels as a study takes them: which take part, which are one type, and which are likely no type at all. */
import { dataError } from '../errors.ts';
import { nearest } from '../flow/text/suggest.ts';

/** Choice of labels: `dataset.labels` of the config. */
export interface LabelChoice {
  /** Name of a type → the labels of the data that are merged into it. */
  readonly merge: Readonly<Record<string, readonly string[]>>;
  readonly exclude: readonly string[];
  readonly only: readonly string[] | null;
}

export interface ChosenLabels {
  /** The type of each cell; null where the label is missing or left out. */
  readonly labels: (string | null)[];
  /** Cells without a label. */
  readonly missing: number;
  /** Cells left out by `exclude` and `only`, by type, most first. */
  readonly excluded: readonly LabelCount[];
  /** Merged labels, by the name of the type. */
  readonly merged: Readonly<Record<string, readonly string[]>>;
}

export interface LabelCount {
  readonly label: string;
  readonly cells: number;
}

export interface LabelProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Contradictions within a choice that show before any label is known. */
export function labelProblems({ merge, exclude, only }: LabelChoice): LabelProblem[] {
  const problems: LabelProblem[] = [];
  const into = new Map<string, string>();
  for (const [type, sources] of Object.entries(merge)) {
    for (const [i, source] of sources.entries()) {
      const other = into.get(source);
      if (other !== undefined) {
        problems.push({
          path: ['merge', type, i],
          message:
            other === type
              ? `"${source}" stands twice in the labels of "${type}"`
              : `"${source}" is merged into "${other}" already`,
        });
      }
      into.set(source, type);
    }
  }
  for (const [type] of Object.entries(merge)) {
    const other = into.get(type);
    if (other !== undefined && other !== type) {
      problems.push({
        path: ['merge', type],
        message: `"${type}" is itself merged into "${other}": name all labels under one type`,
      });
    }
  }
  for (const key of ['exclude', 'only'] as const) {
    const seen = new Set<string>();
    for (const [i, label] of (key === 'exclude' ? exclude : (only ?? [])).entries()) {
      const type = into.get(label);
      if (type !== undefined && type !== label && !Object.hasOwn(merge, label)) {
        problems.push({ path: [key, i], message: `"${label}" is merged into "${type}": name that` });
      } else if (seen.has(label)) {
        problems.push({ path: [key, i], message: `"${label}" stands twice` });
      } else if (key === 'only' && exclude.includes(label)) {
        problems.push({ path: [key, i], message: `"${label}" is excluded too` });
      }
      seen.add(label);
    }
  }
  return problems;
}

/**
 * Merges labels, then leaves out those of `exclude`, then those that `only` does not name. A blank label counts as
 * missing.
 *
 * @param where the column, for errors
 * @throws a data error for a label that the data do not have, with the nearest one; for a type whose name is also that of
 *   a label that is not among those merged into it; if no cell is left
 */
export function chooseLabels(
  found: readonly (string | null)[],
  choice: LabelChoice | undefined,
  where: string,
): ChosenLabels {
  const raw = found.map((label) => (label === null || label.trim() === '' ? null : label));
  const missing = raw.filter((label) => label === null).length;
  if (choice === undefined) return { labels: raw, missing, excluded: [], merged: {} };
  const { merge, exclude, only } = choice;
  const known = new Set(raw.filter((label) => label !== null));
  const into = new Map<string, string>();
  for (const [type, sources] of Object.entries(merge)) {
    if (known.has(type) && !sources.includes(type)) {
      throw dataError(`dataset.labels.merge makes "${type}", and the data have cells of that label already`, {
        expected: `a name that no other label has, or "${type}" among the labels that are merged`,
        where,
        hint: `If they are one type: merge: { '${type}': ['${type}', ${sources.map((s) => `'${s}'`).join(', ')}] }`,
      });
    }
    for (const source of sources) {
      requireKnown(source, known, 'merge', where);
      into.set(source, type);
    }
  }
  const merged = raw.map((label) => (label === null ? null : (into.get(label) ?? label)));
  const types = new Set(merged.filter((label) => label !== null));
  for (const label of exclude) requireKnown(label, types, 'exclude', where);
  for (const label of only ?? []) requireKnown(label, types, 'only', where);
  const isOut = (label: string) => exclude.includes(label) || (only !== null && !only.includes(label));
  const out = new Set([...types].filter(isOut));
  const labels = merged.map((label) => (label === null || out.has(label) ? null : label));
  if (types.size > 0 && out.size === types.size) {
    throw dataError('dataset.labels leaves out every cell', {
      expected: 'at least one label that takes part',
      where,
      hint: `The labels are: ${some([...types])}`,
    });
  }
  const excluded = countLabels(merged).filter(({ label }) => out.has(label));
  return { labels, missing, excluded, merged: merge };
}

function requireKnown(label: string, known: ReadonlySet<string>, key: string, where: string): void {
  if (known.has(label)) return;
  throw dataError(`dataset.labels.${key} names "${label}", a label that no cell has`, {
    expected: `labels of the data: ${some([...known])}`,
    where,
    hint: nearest(label, [...known]),
  });
}

/** Cells per label, most first, ties by code unit. */
function countLabels(labels: readonly (string | null)[]): LabelCount[] {
  const counts = new Map<string, number>();
  for (const label of labels) {
    if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return Array.from(counts, ([label, cells]) => ({ label, cells })).sort(
    (a, b) => b.cells - a.cells || (a.label < b.label ? -1 : 1),
  );
}

/** Labels that consist of one of these words only. */
const NO_TYPE =
  /^(nan|n\.?a\.?n?|n\/a|none|null|nil|undefined|missing|not applicable|not available|unk|tbd|nd|other|others|\?+|-+|\.+)$/i;
/** Words in a label that mark cells without a type, or droplets that are no single cell. */
const NO_TYPE_WORDS =
  /unknown|un-?label|un-?assign|un-?classif|un-?annot|un-?determin|un-?identif|un-?resolved|not[ _-]?(assigned|annotated|classified|known|determined|labell?ed)|doublet|multiplet|debris|contaminat|ambiguous|low[ _-]?quality|empty[ _-]?droplet|^others?\b|^mixed$|^filtered$/i;

/** Whether a label likely means that the cell has no type: 'nan', 'unlabelled', 'Other', 'doublets'. */
export const isNoType = (label: string): boolean =>
  NO_TYPE.test(label.trim()) || NO_TYPE_WORDS.test(label.trim());

/**
 * Groups of labels that differ only in letter case, spaces and punctuation: likely one type under two names. A plus, and
 * a minus at the end of a word (CD4−), tell types apart.
 */
export function nearlyEqualLabels(types: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const type of types) {
    const bare = type
      .normalize('NFKC')
      .toLowerCase()
      .replace(/(?<=[\p{L}\p{N}])[-−–](?=\s|$|[,;/)])/gu, ' minus')
      .replace(/[^\p{L}\p{N}+]/gu, '');
    groups.set(bare, [...(groups.get(bare) ?? []), type]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Notes on the labels for readers of the study, in sentences. */
export function labelNotes(labels: readonly (string | null)[]): string[] {
  const counts = countLabels(labels);
  const notes: string[] = [];
  const odd = counts.filter(({ label }) => isNoType(label));
  if (odd.length > 0) {
    const names = odd.map(({ label, cells }) => `${JSON.stringify(label)} (${cells} cells)`).join(', ');
    notes.push(
      `${names} ${odd.length === 1 ? 'looks like the name of no type, and counts as one' : 'look like names of no type, and count as types'}: leave such cells out with dataset.labels: { exclude: [${odd.map(({ label }) => quoted(label)).join(', ')}] }`,
    );
  }
  for (const group of nearlyEqualLabels(counts.map(({ label }) => label))) {
    notes.push(
      `the labels ${group.map((label) => JSON.stringify(label)).join(' and ')} differ only in case, spaces or signs, and count as different types: make them one with dataset.labels: { merge: { ${quoted(group[0].trim())}: [${group.map(quoted).join(', ')}] } }`,
    );
  }
  return notes;
}

const quoted = (text: string) => `'${text.replace(/[\\']/g, (sign) => `\\${sign}`)}'`;

function some(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => JSON.stringify(name));
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ');
}
