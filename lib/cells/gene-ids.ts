/** Recognition of gene ids: their database, their versions, and mere running numbers. */

/** Pattern of Ensembl ids (also GENCODE's copies on Y and those of mouse strains), with or without a version. */
const ENSEMBL = /^(ENS[A-Z]{0,6}[GTPE]\d{6,}|MGP_[A-Za-z0-9]+_[GTP]\d{4,})(\.\d+)?(_PAR_Y)?$/i;

const KINDS: readonly (readonly [string, RegExp])[] = [
  ['Ensembl', ENSEMBL],
  ['WormBase', /^WBGene\d+/],
  ['FlyBase', /^FBgn\d+/],
  ['numbers', /^\d+$/],
  ['symbols', /^[A-Za-z][A-Za-z0-9.-]{0,19}$/],
];

export type GeneIdKind = string;

/** Kind of more than half of the ids: 'Ensembl', 'WormBase', 'FlyBase', 'numbers', 'symbols' or 'other'. */
export function kindOfGeneIds(ids: readonly (string | null)[]): GeneIdKind {
  const found = KINDS.find(
    ([, pattern]) => ids.filter((id) => id !== null && pattern.test(id)).length * 2 > ids.length,
  );
  return found?.[0] ?? 'other';
}

/** Whether a database gives out such ids, so that they mean the same gene everywhere. */
export const areStable = (kind: GeneIdKind): boolean => ['Ensembl', 'WormBase', 'FlyBase'].includes(kind);

/**
 * Removes the version of an Ensembl id: 'ENSG00000000003.15' → 'ENSG00000000003', 'ENSG00000182378.14_PAR_Y' →
 * 'ENSG00000182378_PAR_Y'; other ids stay.
 */
export function withoutVersion(id: string): string {
  const [, gene, version, copy] = ENSEMBL.exec(id) ?? [];
  return version === undefined ? id : `${gene}${copy ?? ''}`;
}

/** Number of Ensembl ids with a version. */
export const countVersioned = (ids: readonly string[]): number =>
  ids.filter((id) => withoutVersion(id) !== id).length;

/** Whether the ids are 0, 1, 2 … or 1, 2, 3 …: row numbers of some export, not names. */
export function areRunningNumbers(ids: readonly (string | null)[]): boolean {
  const first = Number(ids[0]);
  if (ids.length < 2 || (first !== 0 && first !== 1)) return false;
  return ids.every((id, i) => id !== null && /^\d+(\.0)?$/.test(id) && Number(id) === first + i);
}

/** Whether an id is a range on a chromosome, as for peaks of open chromatin: chr1:100-250, chrX-5-80. */
const isGenomicRange = (id: string): boolean => /^(chr)?[\dXYM]+[A-Za-z]?[:_-]\d+[-_]\d+$/i.test(id);

/** Notes on the ids and names of the genes for readers of the study, in sentences. */
export function geneNotes(
  ids: readonly string[],
  names: readonly (string | null)[],
  { geneId, geneIdVersions }: { geneId: string; geneIdVersions?: 'keep' | 'strip' },
): string[] {
  const notes: string[] = [];
  if (areRunningNumbers(ids)) {
    notes.push('the gene ids only count the genes: nothing in the file names them by these ids');
  }
  const versioned = geneIdVersions === 'strip' ? 0 : countVersioned(ids);
  if (versioned > 0) {
    notes.push(
      `${versioned} of ${ids.length} gene ids are Ensembl ids with versions, such as ${ids.find((id) => withoutVersion(id) !== id)}: models know ids without; dataset.geneIdVersions: 'strip' takes them off`,
    );
  }
  const ranges = ids.filter(isGenomicRange).length;
  if (ranges * 10 > ids.length) {
    notes.push(
      `${ranges} of ${ids.length} gene ids are places on chromosomes, as peaks have, and count as genes`,
    );
  }
  const known = names.filter((name) => name !== null);
  const repeated = known.length - new Set(known).size;
  if (repeated > 0) {
    notes.push(
      `${repeated} genes have a name that another gene has too${geneId === 'index' ? '' : `; ids are those of ${geneId}`}: what goes by names takes them for one word`,
    );
  }
  return notes;
}
