/** Plots as SVG that reads on a light page as on a dark one: grey lines and text, a colour for each series. */
import { short } from './figures.ts';
import type { BarPlot, LinePlot, Plot } from './plot.ts';
import { linearScale, logScale, type Scale } from './scale.ts';

const width = 720;
const height = 420;
const left = 70;
const right = 20;
const top = 64;
const bottom = 60;
const grey = '#808080';
/** Told apart also by those who do not see all colours (Okabe and Ito). */
const colours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9'];

export function svg(plot: Plot): string {
  const body = plot.kind === 'lines' ? lines(plot) : bars(plot);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13" fill="${grey}">`,
    `<title>${escaped(plot.title)}</title>`,
    text(left, 22, plot.title, 'font-size="16" font-weight="bold"'),
    ...body,
    '</svg>\n',
  ].join('\n');
}

function lines({ x, y, xLabel, yLabel, series }: LinePlot): string[] {
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) return [text(left, height / 2, 'Nothing was measured.')];
  const across = scaleOf(
    x,
    points.map((point) => point.x),
  );
  const up = scaleOf(
    y,
    points.flatMap((point) => [point.y, point.least ?? point.y, point.most ?? point.y]),
  );
  const placeX = (figure: number): number => left + across.at(figure) * (width - left - right);
  const drawn = series.flatMap(({ points: own }, place) => {
    const colour = colourAt(place);
    const path = own.map((point) => `${round(placeX(point.x))},${placeY(up, point.y)}`).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...own.flatMap((point) => [
        `<circle cx="${round(placeX(point.x))}" cy="${placeY(up, point.y)}" r="3" fill="${colour}"/>`,
        whisker(placeX(point.x), up, point.least ?? point.y, point.most ?? point.y, colour),
      ]),
    ];
  });
  const xTicks = across.ticks.map((tick) =>
    text(placeX(tick), height - bottom + 20, tickText(tick), 'text-anchor="middle"'),
  );
  return [
    ...axes(up, yLabel),
    ...xTicks,
    xTitle(xLabel),
    ...drawn,
    ...legend(series.map(({ name }) => name)),
  ];
}

function bars({ groups, yLabel }: BarPlot): string[] {
  const all = groups.flatMap((group) => group.bars);
  if (all.length === 0) return [text(left, height / 2, 'Nothing was measured.')];
  const names = [...new Set(all.map(({ name }) => name))];
  const up = linearScale(all.flatMap(({ y, most }) => [y, most]));
  const groupWidth = (width - left - right) / groups.length;
  const barWidth = (0.7 * groupWidth) / names.length;
  const drawn = groups.flatMap((group, place) => {
    const begin = left + place * groupWidth + 0.15 * groupWidth;
    const own = group.bars.flatMap(({ name, y, least, most }) => {
      const nth = names.indexOf(name);
      const x = begin + nth * barWidth;
      const rise = up.at(y) * (height - top - bottom);
      return [
        `<rect x="${round(x)}" y="${placeY(up, y)}" width="${round(barWidth - 4)}" height="${round(rise)}" fill="${colourAt(nth)}"/>`,
        whisker(x + barWidth / 2 - 2, up, least, most, grey),
        text(x + barWidth / 2 - 2, placeY(up, most) - 5, short(y), 'text-anchor="middle"'),
      ];
    });
    return [
      ...own,
      text(left + (place + 0.5) * groupWidth, height - bottom + 20, group.name, 'text-anchor="middle"'),
    ];
  });
  return [...axes(up, yLabel), ...drawn, ...legend(names)];
}

function scaleOf(kind: 'linear' | 'log', figures: readonly number[]): Scale {
  return kind === 'log' ? logScale(figures) : linearScale(figures);
}

function colourAt(place: number): string {
  return colours[place % colours.length] ?? grey;
}

function placeY(scale: Scale, figure: number): number {
  return round(height - bottom - scale.at(figure) * (height - top - bottom));
}

function axes(up: Scale, label: string): string[] {
  const grid = up.ticks.map((tick) => {
    const y = placeY(up, tick);
    return `<line x1="${left}" x2="${width - right}" y1="${y}" y2="${y}" stroke="${grey}" stroke-opacity="0.3"/>`;
  });
  const ticks = up.ticks.map((tick) =>
    text(left - 8, placeY(up, tick) + 4, tickText(tick), 'text-anchor="end"'),
  );
  const middle = (top + height - bottom) / 2;
  return [
    ...grid,
    ...ticks,
    text(18, middle, label, `text-anchor="middle" transform="rotate(-90 18 ${middle})"`),
  ];
}

/** Without zeros behind the point. */
function tickText(tick: number): string {
  return short(tick)
    .replace(/(\.\d*?)0+(?=[kM]?$)/, '$1')
    .replace(/\.(?=[kM]?$)/, '');
}

function xTitle(label: string): string {
  return text((left + width - right) / 2, height - 16, label, 'text-anchor="middle"');
}

function legend(names: readonly string[]): string[] {
  let x = left;
  return names.flatMap((name, place) => {
    const begin = x;
    x += 34 + 8 * name.length;
    return [
      `<rect x="${begin}" y="34" width="12" height="12" fill="${colourAt(place)}"/>`,
      text(begin + 18, 45, name),
    ];
  });
}

function whisker(x: number, scale: Scale, least: number, most: number, colour: string): string {
  if (least === most) return '';
  const at = round(x);
  return `<line x1="${at}" x2="${at}" y1="${placeY(scale, least)}" y2="${placeY(scale, most)}" stroke="${colour}"/>`;
}

function text(x: number, y: number, value: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped(value)}</text>`;
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(figure: number): number {
  return Math.round(figure * 10) / 10;
}
