/** A figure with its name; `bar` is what it must reach, and `ok` whether it does. */
export interface Figure {
  /** What it belongs to, where a bench has several paths. */
  readonly path?: string;
  /** Whose it is, for figures that share a line. */
  readonly side?: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Smallest and largest of the repetitions. */
  readonly range?: readonly [number, number];
  readonly bar?: string;
  readonly ok?: boolean;
  /** Others had more than a tenth of the processors while it was measured. */
  readonly disturbed?: boolean;
}

/** What a bench prints, as text or with `--json`. */
export interface Report {
  readonly bench: string;
  readonly node: string;
  readonly cores: number;
  /** Share of the processors that others used before anything was measured. */
  readonly foreignLoad: number;
  readonly figures: readonly Figure[];
  /** Figures that are left out, and why. */
  readonly leftOut?: readonly string[];
}

/** Above this share of the processors others disturb a measurement. */
export const MAX_FOREIGN_LOAD = 0.1;

/** Middle of the values; of two middles the mean. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
  return ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2;
}

/** Median and range of repetitions. */
export const spread = (values: readonly number[]): { value: number; range: readonly [number, number] } => ({
  value: median(values),
  range: [Math.min(...values), Math.max(...values)],
});

/** A figure without a bar. */
export const plain = (name: string, unit: string, values: readonly number[]): Figure => ({
  name,
  unit,
  ...spread(values),
});

/** A figure that must be at least `bar`. */
export const atLeast = (name: string, unit: string, values: readonly number[], bar: number): Figure => {
  const figure = plain(name, unit, values);
  return { ...figure, bar: `at least ${bar}`, ok: figure.value >= bar };
};

/** A figure that must be below `bar`. */
export const below = (name: string, unit: string, values: readonly number[], bar: number): Figure => {
  const figure = plain(name, unit, values);
  return { ...figure, bar: `below ${bar}`, ok: figure.value < bar };
};

/** A figure that must be at most `bar`. */
export const atMost = (name: string, unit: string, values: readonly number[], bar: number): Figure => {
  const figure = plain(name, unit, values);
  return { ...figure, bar: `at most ${bar}`, ok: figure.value <= bar };
};

/** A figure whose largest repetition must be at most `bar`. */
export const neverAbove = (name: string, unit: string, values: readonly number[], bar: number): Figure => {
  const figure = { name, unit, ...spread(values), value: Math.max(...values) };
  return { ...figure, bar: `never above ${bar}`, ok: figure.value <= bar };
};

const NAME_WIDTH = 52;

const numberText = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value < 10 ? 3 : 1);

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** A line per figure or side, under the name of its path. */
export function formatReport(report: Report): string {
  const lines = [`${report.bench}  (Node ${report.node}, ${report.cores} processors)`];
  const load = `others use ${percent(report.foreignLoad)} of the processors`;
  const isBusy = report.foreignLoad > MAX_FOREIGN_LOAD;
  lines.push(
    isBusy ? `WARNING: ${load}: wait until this machine is idle` : `before the first figure ${load}`,
  );
  let last: Figure | undefined;
  for (const figure of report.figures) {
    if (figure.path !== last?.path) lines.push('', figure.path ?? '');
    const isNewLine = figure.side === undefined || figure.side !== last?.side || figure.path !== last?.path;
    if (isNewLine) lines.push(figure.side === undefined ? figureLine(figure) : `  ${figure.side}:`);
    if (figure.side !== undefined) lines.push(`${lines.pop()}${isNewLine ? '' : ','} ${figureWords(figure)}`);
    last = figure;
  }
  if (report.figures.some(({ disturbed }) => disturbed)) {
    lines.push('', `~ others had more than ${percent(MAX_FOREIGN_LOAD)} of the processors meanwhile`);
  }
  lines.push(...(report.leftOut ?? []).map((line) => `left out: ${line}`));
  return lines.join('\n');
}

const figureWords = ({ name, value, unit }: Figure): string =>
  `${name} ${numberText(value)} ${unit}`.trimEnd();

function figureLine(figure: Figure): string {
  const { name, value, unit, disturbed } = figure;
  const range = figure.range ? `  (${figure.range.map(numberText).join(' to ')})` : '';
  const bar = figure.bar === undefined ? '' : `  ${figure.ok ? 'ok' : 'MISSED'}: ${figure.bar}`;
  const mark = disturbed ? ' ~' : '';
  return `  ${name.padEnd(NAME_WIDTH)} ${numberText(value).padStart(10)} ${unit}${range}${bar}${mark}`;
}
