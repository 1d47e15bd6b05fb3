/** Likely meaning of columns of obs, by their names. */
import { distance } from 'fastest-levenshtein';

export type Role = 'label' | 'batch';

/** Names under which labels and batches are usually kept, likely ones first. Compared in lower case, without signs. */
const USUAL_NAMES: Readonly<Record<Role, readonly string[]>> = {
  label: [
    'celltype',
    'celltypes',
    'celltypefine',
    'cellontologyclass',
    'freeannotation',
    'annotation',
    'annotations',
    'celllabel',
    'labels',
    'label',
    'strlabels',
    'bulklabels',
    'seuratannotations',
    'cellidentity',
    'cellclass',
    'majorclass',
    'cellsubclass',
    'cellsubtype',
    'subclass',
    'cluster',
    'clusters',
    'leiden',
    'louvain',
  ],
  batch: [
    'batch',
    'donor',
    'donorid',
    'patient',
    'individual',
    'sample',
    'sampleid',
    'study',
    'dataset',
    'assay',
    'library',
    'channel',
    'plate',
    'replicate',
  ],
};

/** Words that mark, within a name, a column on the origin of cells. */
const ORIGIN_WORDS =
  /batch|donor|sample|patient|study|studies|dataset|plate|library|libraries|replicate|individual|subject|assay|channel|cohort|technolog|platform|protocol|chemistry|experiment|specimen|flowcell|sequencer|hashtag|origident|laborator|participant|volunteer|embryo|litter/;

/** Words with the same meaning that must stand alone: `lane`, `lane2`, `run_id`, but not `plane`. */
const ORIGIN_TOKENS =
  /^(lanes?|runs?|reps?|techs?|wells?|chips?|sites?|pools?|mouse|mice|animals?|persons?|people|slides?|slices?|sections?|arrays?|labs?|sources?|cent(er|re)s?|methods?|gsm|gse|srr|project|days?|time|timepoint|file|origin|facility|machine|instrument|operator|biosample|capture|barcode)\d*$/;

/** Words for facts about cells other than their type. */
const OTHER_TOKENS =
  /^(sex|gender|ages?|tissues?|organs?|diseases?|conditions?|treatments?|stim|status|phase|stages?|species|organism|strain|genotype|ethnicity|race|regions?|location|development|dose|drug|perturbations?|guides?|is|has|predicted|prediction|doublets?|passed|qc|filter|suspension|outlier|confidence|scores?|term|ontology)$/;

/** Words, each at the end of a longer one too, of what is drawn of cell types. */
const COLOUR_TOKENS = /(colou?rs?|^hex)$/;

/** Words of what stands for cell types beside their names: numbers, codes, levels of a tree. */
const STAND_IN_TOKENS =
  /^(codes?|ids?|index|idx|numbers?|accessions?|levels?|orders?|abbr(ev(iation)?)?s?)\d*$/;

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Words of a name, split at signs and before capitals. */
const words = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

/** Rank of a column for a role by its name: 0 is best, Infinity unknown. */
export function likelihood(name: string, role: Role): number {
  if (role === 'label' && isNamedLikeBatch(name)) return Number.POSITIVE_INFINITY;
  if (role === 'label' && words(name).some((word) => COLOUR_TOKENS.test(word)))
    return Number.POSITIVE_INFINITY;
  const own = plain(name);
  const exact = USUAL_NAMES[role].indexOf(own);
  if (exact >= 0) return exact;
  const part = USUAL_NAMES[role].findIndex((usual) => usual.length >= 5 && own.includes(usual));
  if (part < 0) return Number.POSITIVE_INFINITY;
  const standsIn = role === 'label' && words(name).some((word) => STAND_IN_TOKENS.test(word));
  return (standsIn ? 200 : 100) + part;
}

/** Whether the name of a column is about the origin of cells: batch, donor, orig.ident, Library_ID, lane2. */
export function isNamedLikeBatch(name: string): boolean {
  return ORIGIN_WORDS.test(plain(name)) || words(name).some((word) => ORIGIN_TOKENS.test(word));
}

/**
 * Whether a column may be taken for the cell types without being configured: its name says so, and nothing in it says
 * otherwise.
 */
export function isNamedLikeLabel(name: string): boolean {
  return (
    Number.isFinite(likelihood(name, 'label')) &&
    !isNamedLikeBatch(name) &&
    !words(name).some((word) => OTHER_TOKENS.test(word))
  );
}

/** Whether two names differ at most in a letter or two, case and signs. */
export function isNear(wanted: string, name: string): boolean {
  const [a, b] = [plain(wanted), plain(name)];
  return a === b || distance(a, b) <= Math.max(1, Math.floor(Math.min(a.length, b.length) / 4));
}
