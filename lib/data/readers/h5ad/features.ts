/** Choice of the features that are genes, where the file's var tells antibodies, peaks and guides from them. */
import { dataError } from '../../../errors.ts';
import { type Column, columnTexts, type Frame } from './frame.ts';

/** Columns of var that usually hold the types of features, in the order in which they are tried. */
const TYPE_COLUMNS = [
  'feature_types',
  'feature_type',
  'featuretypes',
  'featuretype',
  'modality',
  'modalities',
  'feature_modality',
  'feature_biotype',
  'feature_class',
];

/** Types measured as RNA, by the names that 10x, CITE-seq tools, muon and CELLxGENE give them. */
const GENE =
  /^(gene( ?expression)?|genes|gex|s[cn]?rna([ -]?seq)?|m?rna|rna expression|transcripts?|transcriptom(e|ic)s?|expression|endogenous)$/i;
/** Types that are no genes: antibodies, hashtags, peaks, guides, receptors, spike-ins. */
const NO_GENE =
  /antibod|antigen|capture|^(ab|abs|adt|hto|tag|tags|atac|cut&tag|protein|proteins|prot|peak|peaks|vdj|vdj-[tb]|tcr|bcr|sgrna|grna|guide|guides|custom|cmo|snp|snv|cnv|methylation|lipid|metabolite)$|hashtag|crispr|multiplex|chromatin|^peaks?\b|spike[ -_]?in|^ercc|surface protein|epitope/i;

export interface FeatureChoice {
  /** Column with the types; null if no column tells them. */
  readonly column: string | null;
  /** Rows of var that count as genes; undefined: all. */
  readonly rows: Int32Array | undefined;
  /** Features left out, by type, most first. */
  readonly leftOut: readonly { readonly type: string; readonly features: number }[];
}

/**
 * Chooses the features that count as genes. `wanted`: the types named by the config; null: all; undefined: those that are
 * genes, where a column of var tells. A column of biotypes (protein_coding, lncRNA) tells genes of genes, and leaves none
 * out.
 *
 * @param fallback var, where the frame is that of raw and lacks the column: matched by the index
 * @throws a data error if no feature is left, or if a wanted type is not there
 */
export function chooseFeatures(
  file: string,
  frame: Frame,
  wanted: readonly string[] | null | undefined,
  fallback?: Frame,
): FeatureChoice {
  const all = { column: null, rows: undefined, leftOut: [] };
  if (wanted === null) return all;
  const found = typesOf(frame, fallback, wanted);
  if (found === undefined) {
    if (wanted === undefined) return all;
    throw dataError(
      `var does not say of what type its features are, and dataset.features asks for ${list(wanted)}`,
      {
        expected: `a column of var such as ${TYPE_COLUMNS.slice(0, 3).join(', ')}, with these types`,
        where: `${file}: ${frame.path}`,
        hint: 'Leave dataset.features out, or set it to null: all features then count.',
      },
    );
  }
  const { column, types } = found;
  const distinct = countTypes(types);
  const names = distinct.map(({ type }) => type);
  for (const type of wanted ?? []) {
    if (names.includes(type)) continue;
    throw dataError(`no feature is of the type ${JSON.stringify(type)} that dataset.features names`, {
      expected: `some of ${list(names)}`,
      where: `${file}: ${frame.path}/${column}`,
    });
  }
  const isIn = wanted === undefined ? genesAmong(names) : (type: string) => wanted.includes(type);
  if (isIn === undefined) return all;
  const rows = Int32Array.from(types.keys()).filter((i) => isIn(types[i] ?? ''));
  const leftOut = distinct.filter(({ type }) => !isIn(type));
  if (rows.length === 0) {
    throw dataError(`no feature of the file is a gene: ${list(names)}`, {
      expected: "features of the type 'Gene Expression'",
      where: `${file}: ${frame.path}/${column}`,
      hint: `To study these all the same: dataset.features: [${names.map((name) => `'${name}'`).join(', ')}], or null for all.`,
    });
  }
  return { column, rows: leftOut.length === 0 ? undefined : rows, leftOut };
}

/** Note on the features that were left out, as a sentence. */
export function featureNotes({ column, leftOut }: FeatureChoice): string[] {
  if (leftOut.length === 0) return [];
  const types = leftOut.map(
    ({ type, features }) =>
      `${features} ${type === '' ? 'without a type' : `of type ${JSON.stringify(type)}`}`,
  );
  return [
    `features that are no genes were left out, by var column ${column}: ${types.join(', ')}. dataset.features names the types that count (null: all)`,
  ];
}

/** Returns a test that tells genes from other types; undefined if the types are about something else. */
function genesAmong(names: readonly string[]): ((type: string) => boolean) | undefined {
  const isOther = (type: string) => NO_GENE.test(type) && !GENE.test(type);
  const someGenes = names.some((type) => GENE.test(type));
  if (!someGenes && !names.some(isOther)) return undefined;
  // With types named as genes, all others are something else; without any, only known non-genes are left out.
  return someGenes ? (type) => GENE.test(type) : (type) => !isOther(type);
}

/** First column of types that tells genes from others, or holds a wanted type. */
function typesOf(
  frame: Frame,
  fallback: Frame | undefined,
  wanted: readonly string[] | undefined,
): { column: string; types: (string | null)[] } | undefined {
  for (const column of TYPE_COLUMNS) {
    const types = texts(frame, column) ?? (fallback && matched(frame, fallback, column));
    if (types === undefined) continue;
    const names = countTypes(types).map(({ type }) => type);
    if (
      wanted === undefined ? genesAmong(names) !== undefined : wanted.some((type) => names.includes(type))
    ) {
      return { column: nameIn(frame, column) ?? nameIn(fallback as Frame, column) ?? column, types };
    }
  }
  return undefined;
}

/** Name of a column in a frame, found regardless of case. */
const nameIn = (frame: Frame, column: string) => frame.columns.find((name) => name.toLowerCase() === column);

function texts(frame: Frame, column: string): (string | null)[] | undefined {
  const name = nameIn(frame, column);
  if (name === undefined) return undefined;
  return columnTexts(frame.column(name)).map((text) => text?.trim() ?? null);
}

/** Types of the rows of `frame` as given by `other`, matched by index; undefined if `other` lacks a row. */
function matched(frame: Frame, other: Frame, column: string): (string | null)[] | undefined {
  const types = texts(other, column);
  if (types === undefined) return undefined;
  const byId = new Map(other.index().map((id, i) => [id, types[i]]));
  const found = frame.index().map((id) => byId.get(id));
  return found.includes(undefined) ? undefined : (found as (string | null)[]);
}

function countTypes(types: readonly (string | null)[]): { type: string; features: number }[] {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type ?? '', (counts.get(type ?? '') ?? 0) + 1);
  return Array.from(counts, ([type, features]) => ({ type, features })).sort(
    (a, b) => b.features - a.features || (a.type < b.type ? -1 : 1),
  );
}

const list = (names: readonly string[]) =>
  names
    .slice(0, 8)
    .map((name) => JSON.stringify(name))
    .join(', ');

/** Restricts a frame to some of its rows. */
export function frameOfRows(frame: Frame, rows: Int32Array | undefined): Frame {
  if (rows === undefined) return frame;
  const pick = <T>(values: ArrayLike<T>): T[] => Array.from(rows, (row) => values[row]);
  const wanted = new Set(rows); // ascending, so that a filter keeps their order
  return {
    path: frame.path,
    rows: rows.length,
    columns: frame.columns,
    check: () => frame.check(),
    index: () => pick(frame.index()),
    column(name): Column {
      const column = frame.column(name);
      if (column.kind === 'categorical') return { kind: 'string', values: pick(columnTexts(column)) };
      if (column.kind === 'string') return { ...column, values: pick(column.values) };
      if (column.kind === 'boolean') return { ...column, values: pick(column.values) };
      const values = column.values.filter((_, i) => wanted.has(i));
      if (column.kind === 'float') return { ...column, values };
      return { ...column, values, texts: column.texts && pick(column.texts) };
    },
  };
}
