/** HTML templates, which escape everything that comes from data or config. */
import { escapeMarkup } from '../drawing/text.ts';

/** Markup that is inserted without escaping. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = string | number | Html | readonly Part[] | null | undefined | false;

/** Template tag, as in html`<p>${label}</p>`: text is escaped, Html and lists of it are not. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((out, text, i) => out + insert(parts[i - 1]) + text));
}

function insert(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.markup;
  if (Array.isArray(part)) return part.map(insert).join('');
  return escapeMarkup(String(part));
}

export interface Column {
  readonly title: string;
  /** Whether the column has numbers, which are aligned to the right. */
  readonly number?: boolean;
}

/** Returns a table whose first column names the row. */
export function dataTable(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
): Html {
  const head = columns.map(
    ({ title, number }) => html`<th scope="col"${number ? new Html(' class="n"') : null}>${title}</th>`,
  );
  const body = rows.map(
    (row) =>
      html`<tr>${row.map((cell, c) =>
        c === 0
          ? html`<th scope="row">${cell}</th>`
          : html`<td${columns[c].number ? new Html(' class="n"') : null}>${cell}</td>`,
      )}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}
