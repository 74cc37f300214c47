/** What came out, as a page. */
import type { CaseReport, Claim, Table } from '../benchCase.ts';
import { figureText, outcomeOf, targetText } from './figures.ts';

export interface Circumstances {
  readonly date: string;
  readonly commit: string;
  readonly command: string;
  readonly machine: string;
  readonly rivals: string;
  readonly rounds: string;
  /** What must be known before a figure is believed. */
  readonly warnings: readonly string[];
}

/** A part of the bench that ran to its end, or the reason why it did not. */
export type Finished =
  | { readonly name: string; readonly title: string; readonly report: CaseReport }
  | { readonly name: string; readonly title: string; readonly failure: string };

export function markdown(finished: readonly Finished[], circumstances: Circumstances): string {
  const { date, commit, command, machine, rivals, rounds, warnings } = circumstances;
  const claims = finished.flatMap((part) => ('report' in part ? part.report.claims : []));
  return [
    '# Results of the bench',
    '',
    `${date}, commit ${commit}, \`${command}\``,
    '',
    `- Machine: ${machine}`,
    `- Rivals: ${rivals}`,
    `- ${rounds}`,
    ...warnings.map((warning) => `- **${warning}**`),
    '',
    ...claimsTable(claims),
    ...finished.flatMap(partText),
  ].join('\n');
}

/** The table of targets alone. */
export function claimsTable(claims: readonly Claim[]): string[] {
  if (claims.length === 0) return [];
  const rows = claims.map((claim) => [
    claim.what,
    targetText(claim),
    figureText(claim.figure, claim.unit),
    outcomeOf(claim),
  ]);
  return tableLines(['what', 'target', 'figure (spread)', ''], rows);
}

function partText(part: Finished): string[] {
  const head = ['', `## ${part.name}: ${part.title}`, ''];
  if ('failure' in part) return [...head, `Not measured: ${part.failure}`];
  const plots = part.report.plots.map(({ file, title }) => `![${title}](${file}.svg)`);
  return [...head, ...part.report.tables.flatMap(tableText), ...plots];
}

function tableText({ title, columns, rows }: Table): string[] {
  return [`${title}:`, '', ...tableLines(columns, rows), ''];
}

function tableLines(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '/')).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => '---').join('|')}|`, ...rows.map(line)];
}
