/** A figure with its name; `bar` is what it must reach, and `ok` whether it does. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Smallest and largest of the repetitions. */
  readonly range?: readonly [number, number];
  readonly bar?: string;
  readonly ok?: boolean;
}

/** What a bench prints, as text or with `--json`. */
export interface Report {
  readonly bench: string;
  readonly node: string;
  readonly cores: number;
  readonly figures: readonly Figure[];
}

/** Middle of the values; of two middles the lower. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Median and range of repetitions. */
export const spread = (values: readonly number[]): { value: number; range: readonly [number, number] } => ({
  value: median(values),
  range: [Math.min(...values), Math.max(...values)],
});

/** A figure that must be at least `bar`. */
export const atLeast = (name: string, unit: string, values: readonly number[], bar: number): Figure => {
  const figure = { name, unit, ...spread(values) };
  return { ...figure, bar: `at least ${bar}`, ok: figure.value >= bar };
};

/** A figure that must be below `bar`. */
export const below = (name: string, unit: string, values: readonly number[], bar: number): Figure => {
  const figure = { name, unit, ...spread(values) };
  return { ...figure, bar: `below ${bar}`, ok: figure.value < bar };
};

/** One line per figure. */
export function formatReport(report: Report): string {
  const number = (value: number): string =>
    value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
  const lines = report.figures.map((figure) => {
    const range = figure.range ? `  (${number(figure.range[0])} to ${number(figure.range[1])})` : '';
    const bar = figure.bar === undefined ? '' : `  ${figure.ok ? 'ok' : 'MISSED'}: ${figure.bar}`;
    return `  ${figure.name.padEnd(46)} ${number(figure.value).padStart(12)} ${figure.unit}${range}${bar}`;
  });
  return [`${report.bench}  (Node ${report.node}, ${report.cores} cores)`, ...lines].join('\n');
}
