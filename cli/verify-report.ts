/** The outcome of a verification in plain words and as an object. Pure. */
import type { CellJson } from '../core/dirty/cell-json.ts';
import { columnNames } from '../core/dirty/corrections.ts';
import type { UnitFinding, VerifyReport } from '../core/verify/model.ts';
import type { Difference } from '../core/verify/pairing.ts';
import { ExitCode } from './exit-codes.ts';
import type { Colors } from './output.ts';
import { countOf, formatCount } from './quantity.ts';
import { formatTable, shorten } from './table.ts';

/** Rows and problems shown one by one; `--json` has more. */
const SHOWN = 20;
const CELL_CHARS = 40;
const ROW_CHARS = 100;

/** What the process answers. A source that changed proves nothing: neither equal nor different. */
export function exitCodeOfVerify({ verdict }: VerifyReport): number {
  if (verdict === 'different') return ExitCode.mismatch;
  return verdict === 'same' ? ExitCode.ok : ExitCode.failed;
}

/** The report of a run. */
export function verifyLines(run: string, report: VerifyReport, colors: Colors): readonly string[] {
  const { units, problems, unchecked } = report;
  const odd = units.filter(({ state }) => state !== 'same');
  return [
    `${colors.bold(run)}  ${verdictText(report, colors)}`,
    `  ${countOf(sum(units, 'targetRows'), 'row')} in the target, ${formatCount(sum(units, 'expectedRows'))} expected from the source, ${formatCount(sum(units, 'writtenRows'))} written by the run`,
    ...problems.slice(0, SHOWN).map((problem) => `  ${colors.red('wrong')}: ${problem}`),
    ...moreText(problems.length - SHOWN, 'more problem'),
    ...(unchecked.length === 0
      ? []
      : [`  not compared, because the target writes them its own way: ${unchecked.join(', ')}`]),
    ...(odd.length === 0 ? [] : ['', ...unitLines(odd)]),
    ...differenceLines(report, colors),
  ];
}

function verdictText({ verdict }: VerifyReport, colors: Colors): string {
  switch (verdict) {
    case 'same':
      return colors.green('the target holds exactly what the source gives');
    case 'different':
      return colors.red('the target differs from what was written');
    case 'source-changed':
      return colors.yellow('the source has changed since the run: rows cannot be compared any more');
    default:
      return verdict satisfies never;
  }
}

const sum = (units: readonly UnitFinding[], what: 'targetRows' | 'expectedRows' | 'writtenRows'): number =>
  units.reduce((all, unit) => all + unit[what], 0);

const moreText = (more: number, noun: string): readonly string[] =>
  more > 0 ? [`  … and ${countOf(more, noun)}; --json lists more`] : [];

function unitLines(units: readonly UnitFinding[]): readonly string[] {
  const cells = units
    .slice(0, SHOWN)
    .map((unit) => [
      `  ${unit.shardId ?? 'all'}`,
      unit.state,
      formatCount(unit.targetRows),
      formatCount(unit.expectedRows),
      formatCount(unit.writtenRows),
      formatCount(unit.missing),
      formatCount(unit.extra),
      formatCount(unit.different),
    ]);
  const header = ['  shard', 'state', 'target', 'expected', 'written', 'missing', 'extra', 'different'];
  return [...formatTable(header, cells, [2, 3, 4, 5, 6, 7]), ...moreText(units.length - SHOWN, 'more shard')];
}

function differenceLines({ units, columns }: VerifyReport, colors: Colors): readonly string[] {
  const names = columnNames(columns);
  const all = units.flatMap((unit) =>
    unit.differences.map((one) => differenceText(unit, one, names, colors)),
  );
  const unseen = units.reduce((count, unit) => count + unit.unseenBuckets, 0);
  const more = units.reduce((count, unit) => count + unit.missing + unit.extra + unit.different, 0) - SHOWN;
  return [
    ...(all.length > 0 ? ['', ...all.slice(0, SHOWN).flat()] : []),
    ...(all.length > SHOWN ? moreText(more, 'more row') : []),
    ...(unseen > 0
      ? [`  ${countOf(unseen, 'group')} of rows differ and were too many to be looked into`]
      : []),
  ];
}

function differenceText(
  { shardId }: UnitFinding,
  one: Difference,
  names: readonly string[],
  colors: Colors,
): readonly string[] {
  const where = shardId === undefined ? '' : ` in shard ${shardId}`;
  const times = one.times > 1 ? ` ${one.times} times` : '';
  const row = shorten(one.row.slice(0, names.length).map(cellText).join(', '), ROW_CHARS);
  const head = `  ${colors.red(one.kind)}${where}${times}: ${row}`;
  if (one.kind !== 'different') return [head];
  return [
    head,
    ...one.cells.map(
      (cell) =>
        `      ${cell.column}: ${shorten(cellText(cell.found), CELL_CHARS)} instead of ${shorten(cellText(cell.expected), CELL_CHARS)}`,
    ),
  ];
}

const cellText = (cell: CellJson): string => JSON.stringify(cell);

/** The object of `--json`. */
export function verifyData(run: string, report: VerifyReport): Readonly<Record<string, unknown>> {
  const { verdict, units, problems, unchecked, columns } = report;
  const names = columnNames(columns);
  return {
    run,
    verdict,
    rows: {
      target: sum(units, 'targetRows'),
      expected: sum(units, 'expectedRows'),
      written: sum(units, 'writtenRows'),
    },
    problems,
    unchecked,
    units: units.map((unit) => unitData(unit, names)),
  };
}

/** One comparison as an object, its rows by column name. */
export function unitData(unit: UnitFinding, names: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    ...unit,
    differences: unit.differences.map((one) => ({
      ...one,
      row: Object.fromEntries(names.map((name, i) => [name, one.row[i] ?? null])),
    })),
  };
}
