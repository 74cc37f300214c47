/** Columns that line up; what is painted counts as wide as it looks. */
import { stripVTControlCharacters } from 'node:util';

const gap = '  ';

/** Numbers stand to the right of their column, and so does what stands for a number that is not known. */
const isNumeric = (cell: string): boolean => /^(\d+|-|NaN)$/.test(stripVTControlCharacters(cell));

/** Lines of text, each with its end. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(...[name, ...rows.map((row) => row[column] ?? '')].map(widthOf)),
  );
  const areNumbers = head.map((_, column) => rows.every((row) => isNumeric(row[column] ?? '')));
  return [head, ...rows]
    .map((row) => {
      const cells = row.map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        return areNumbers[column] ? padding + cell : cell + padding;
      });
      return `${cells.join(gap).trimEnd()}\n`;
    })
    .join('');
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
