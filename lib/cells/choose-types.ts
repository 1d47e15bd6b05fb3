/** Choice of the cell types that have enough cells to be studied. */
import { dataError } from '../errors.ts';
import type { QcResult, QcRule } from './qc.ts';
import type { TypeCount } from './sampling.ts';
import type { SourceChoices } from './source.ts';

/** Number of types that an error lists; the rest is only counted. */
const LISTED = 12;

/**
 * Labels with at least `minimum` passing cells (null: with any). `counts` are the passing cells of each type, most first.
 * Throws a data error if no type is left, with the types there are and the rules that dropped their cells.
 */
export function chooseTypes(
  counts: readonly TypeCount[],
  minimum: number | null,
  qc: QcResult,
  left: Pick<SourceChoices, 'missing' | 'excluded'> = { missing: qc.dropped.label, excluded: [] },
): Set<string> {
  const chosen = counts.filter(({ cells }) => cells >= (minimum ?? 1));
  if (chosen.length > 0) return new Set(chosen.map(({ label }) => label));
  const dropped = describeDropped(qc, left);
  if (counts.length === 0) {
    throw dataError(
      `none of the ${qc.passing.length} cells passes quality control: ${dropped || 'there are none'}`,
      {
        expected: 'cells with a label that lie within the limits of subset',
        where: 'config: subset',
        hint: 'Loosen the limits that drop most cells; null is no limit.',
      },
    );
  }
  const list = counts.slice(0, LISTED).map(({ label, cells }) => `${JSON.stringify(label)} ${cells}`);
  if (counts.length > LISTED) list.push(`${counts.length - LISTED} more with fewer`);
  const most = (['minGenes', 'minCounts', 'maxMitoPercent'] as const).find(
    (rule) => qc.dropped[rule] > qc.passing.length / 2,
  );
  throw dataError(`no cell type has ${minimum} cells that pass quality control`, {
    expected: `at least ${minimum} passing cells of a type (subset.minCellsPerType)`,
    where: 'config: subset.minCellsPerType',
    hint: [
      `Passing cells by type: ${list.join(', ')}.`,
      ...(dropped === '' ? [] : [`Dropped: ${dropped}.`]),
      ...(most === undefined ? [] : [`subset.${most} drops more than half of the cells: loosen it first.`]),
      `Set subset.minCellsPerType to ${counts[0].cells} or less to keep the largest.`,
    ].join('\n'),
  });
}

/** Text on dropped cells: "120 by minGenes, 3 without a label"; empty if none was dropped. */
function describeDropped(
  { dropped }: QcResult,
  { missing, excluded }: Pick<SourceChoices, 'missing' | 'excluded'>,
): string {
  const out = excluded.reduce((sum, { cells }) => sum + cells, 0);
  const rules = (Object.entries(dropped) as [QcRule, number][])
    .filter(([rule, cells]) => cells > 0 && rule !== 'label')
    .map(([rule, cells]) => `${cells} by ${rule}`);
  return [
    ...(missing > 0 ? [`${missing} without a label`] : []),
    ...(out > 0 ? [`${out} by dataset.labels`] : []),
    ...rules,
  ].join(', ');
}
