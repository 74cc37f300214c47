/** A failure as a page that a browser shows: text alone, in need of nothing else. */
import type { Failure } from './failure.ts';
import type { Model } from './model.ts';
import { quoted } from './quoted.ts';
import { type Bar, timelineLayout } from './timelineLayout.ts';
import { timelineStyle } from './timelineStyle.ts';
import { failureInWords, operationInWords, spanInWords, timeInWords } from './words.ts';

const legend = {
  offends: '✗ cannot be',
  contradicts: 'contradicts it',
  fits: 'fits',
  underWay: 'under way',
} as const;

/** An HTML page that shows who did what when, how far the history is linearizable, and what cannot be. */
export function timelineHtml<State extends NonNullable<unknown> | null, Input, Output>(
  model: Model<State, Input, Output>,
  failure: Failure<State, Input, Output>,
): string {
  const { bars, lanes, moments, end, hidden } = timelineLayout(failure);
  const inWords = (bar: Bar<Input, Output>) => operationInWords(model, bar.operation);
  const item = (bar: Bar<Input, Output>) => `<li class="${bar.part}"><span class="number">${bar.number}</span>
<span class="who">client ${escaped(String(bar.operation.client))}</span>
<span class="when">${escaped(spanInWords(bar.operation))}</span> <code>${escaped(inWords(bar))}</code>
<span class="order">${orderInWords(bar)}</span></li>`;
  const list = (of: readonly Bar<Input, Output>[]) =>
    `<ul class="operations">${of.map(item).join('\n')}</ul>`;
  const isPart = ({ part }: Bar<Input, Output>) => part === 'offends' || part === 'contradicts';

  // Grid lines count from 1: the first column names the lanes, the first two rows the moments and the prefix.
  const rows = lanes.reduce((sum, lane) => sum + lane.rows, 0);
  const area = (row: number, column: number, rowEnd: number, columnEnd: number) =>
    `style="grid-area:${row}/${column}/${rowEnd}/${columnEnd}"`;
  const cells = [
    `<div class="until" ${area(1, 2, 2, Math.max(end, 1) + 2)}>linearizable until ${timeInWords(moments[end] ?? 0)}</div>`,
    ...moments.map(
      (moment, i) => `<div class="moment" ${area(2, i + 2, 3, i + 3)}>${timeInWords(moment)}</div>`,
    ),
    ...lanes.flatMap(({ client, row, rows: height }, i) => [
      i % 2 === 0
        ? `<div class="stripe" ${area(row + 3, 1, row + 3 + height, moments.length + 3)}></div>`
        : '',
      `<div class="lane" ${area(row + 3, 1, row + 3 + height, 2)}>client ${escaped(String(client))}</div>`,
    ]),
    ...bars.map((bar) => {
      const mark = bar.part === 'offends' ? '✗ ' : '';
      const label = escaped(`${mark}${bar.number} ${inWords(bar)}`);
      return `<div class="bar ${bar.part}" title="${label}" ${area(bar.row + 3, bar.from + 2, bar.row + 4, bar.to + 2)}>${label}</div>`;
    }),
    `<div class="end" ${area(1, end + 2, rows + 3, end + 3)}></div>`,
  ];
  const title = model.partition ? `Not linearizable: ${quoted(failure.partition)}` : 'Not linearizable';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${timelineStyle}</style>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(failureInWords(model, failure))}</p>
${list(bars.filter(isPart))}
<h2>Timeline</h2>
<ul class="legend">${Object.entries(legend)
    .map(([part, text]) => `<li class="${part}">${text}</li>`)
    .join('')}</ul>
<p class="muted">A column is a moment at which something is called or returns; between them no time is drawn.${
    hidden > 0 ? ` ${hidden} earlier ${hidden === 1 ? 'operation is' : 'operations are'} not shown.` : ''
  }</p>
<div class="scroll" role="region" aria-label="Timeline" tabindex="0">
<div class="timeline" style="grid-template-columns:max-content repeat(${moments.length + 1},minmax(2rem,1fr));min-width:${moments.length * 2 + 10}rem">
${cells.join('\n')}
</div>
</div>
<h2>Operations shown</h2>
${list(bars)}
</main>
<script>document.querySelector('.bar.offends').scrollIntoView({ block: 'nearest', inline: 'end' }); scrollTo(0, 0);</script>
</html>
`;
}

function orderInWords({ part, order }: Bar<unknown, unknown>): string {
  if (part === 'offends') return 'cannot take effect';
  return order === undefined ? 'need not have taken effect' : `can have taken effect as number ${order}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
