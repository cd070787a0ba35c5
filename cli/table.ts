/** Text tables. Colour codes count as nothing. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character
const COLOR = /\u001b\[[0-9;]*m/g;

/** Characters that a terminal shows. */
export const visibleWidth = (text: string): number => text.replaceAll(COLOR, '').length;

/** A table with aligned columns, without borders. Columns whose index is in `right` end flush. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): readonly string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => visibleWidth(row[column] ?? ''))));
  return all.map((row) =>
    widths
      .map((width, column) => pad(row[column] ?? '', width, right.includes(column)))
      .join('  ')
      .trimEnd(),
  );
}

function pad(text: string, width: number, right: boolean): string {
  const blank = ' '.repeat(width - visibleWidth(text));
  return right ? blank + text : text + blank;
}

/** Labels and values below each other, the values aligned. */
export function formatPairs(pairs: readonly (readonly [string, string])[], indent = '  '): readonly string[] {
  const width = Math.max(...pairs.map(([label]) => label.length));
  return pairs.map(([label, value]) => `${indent}${label.padEnd(width)}  ${value}`.trimEnd());
}

/** Cut to a width, with an ellipsis where something is missing. Plain text only. */
export const shorten = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
