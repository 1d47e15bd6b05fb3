/** Code changes as unified diffs. */
import type { CodeChange } from '../../flow/code/change.ts';
import { paint, type Style } from '../output/ui.ts';
import { count } from '../output/units.ts';

const STYLES: Readonly<Record<string, Style>> = { '-': 'red', '+': 'green', '@': 'cyan' };

/**
 * Text of code changes.
 *
 * @param limit largest number of lines to show, heads of files not counted
 */
export function renderCodeChanges(changes: readonly CodeChange[], limit: number): string {
  const lines: string[] = [];
  let left = limit;
  let hidden = 0;
  for (const { name, change, versions, diff } of changes) {
    const shown = name === '' ? 'imports' : name;
    if (versions !== undefined) {
      lines.push(`package ${shown}: ${versions.old ?? '(absent)'} → ${versions.new ?? '(absent)'}`);
      continue;
    }
    lines.push(`${paint('bold', shown)} ${change}${diff === undefined ? ', no text of it to compare' : ''}`);
    for (const { sign, text } of diff ?? []) {
      if (left-- <= 0) hidden++;
      else {
        const line = `  ${sign === '@' ? text : `${sign} ${text}`}`.trimEnd();
        lines.push(STYLES[sign] === undefined ? line : paint(STYLES[sign], line));
      }
    }
  }
  if (hidden > 0) lines.push(paint('dim', `${count(hidden, 'more line')}: --full shows all`));
  return lines.join('\n');
}
