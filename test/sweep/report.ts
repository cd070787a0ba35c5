/** What a person reads about a sweep. */
import { formatSweepPoint, type SweepPoint } from './points.ts';
import { FUNCTIONS, SCENARIOS } from './scenario.ts';
import type { PointResult, Progress, SweepReport } from './sweep.ts';

const HEADS = ['calls', 'points', 'played', 'hit before', 'hit after', 'ended', 'exact'] as const;
const SHOWN_LOG_CHARACTERS = 4_000;

/** Counts over some points. */
interface Counts {
  readonly calls: number;
  readonly points: number;
  readonly played: number;
  /** Points at which a process was killed. */
  readonly before: number;
  readonly after: number;
  /** Hit, and the run came to its end. */
  readonly ended: number;
  readonly exact: number;
}

function countsOf({ points, results }: SweepReport, of: (point: SweepPoint) => boolean): Counts {
  const own = points.filter(of);
  const played = results.filter(({ point }) => of(point));
  const hit = played.filter(({ play }) => play.isHit);
  const at = (moment: SweepPoint['moment']): number =>
    hit.filter(({ point }) => point.moment === moment).length;
  return {
    calls: own.length / 2,
    points: own.length,
    played: played.length,
    before: at('before'),
    after: at('after'),
    ended: hit.filter(({ play }) => play.state === 'SUCCEEDED' || play.state === 'FAILED').length,
    exact: hit.filter(({ outcome }) => outcome === 'exact').length,
  };
}

/** Lines of equal width: the first column to the left, numbers to the right. */
function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) =>
      line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    )
    .join('\n');
}

/** One line per function, one per scenario, and the sum. */
export function tableOf(report: SweepReport): string {
  const line = (name: string, of: (point: SweepPoint) => boolean): string[] => [
    name,
    ...Object.values(countsOf(report, of)).map(String),
  ];
  return aligned([
    ['function', ...HEADS],
    ...FUNCTIONS.map((name) => line(name, (point) => point.functionName === name)),
    ['scenario', ...HEADS.map(() => '')],
    ...SCENARIOS.map(({ name }) => line(name, (point) => point.scenario === name)),
    line('all', () => true),
  ]);
}

/** The figures of a sweep in one sentence each. */
export function summaryOf(report: SweepReport): string {
  const { played, before, after, exact } = countsOf(report, () => true);
  const seconds = (report.ms / 1000).toFixed(0);
  return [
    `${played} of ${report.points.length} points played, ${before + after} hit, ${exact} exact`,
    `${report.runs} runs on ${report.lanes} lanes in ${seconds} s; the output was looked at ${report.looks} times`,
  ].join('\n');
}

/** What went wrong at a point, and the command that shows it again. */
export function failureOf({ point, outcome, play }: PointResult): string {
  const name = formatSweepPoint(point);
  return [
    outcome === 'not hit' ? `${name} was not hit` : `${name} fails${play.isHit ? '' : ' (not even hit)'}:`,
    ...play.problems.map((problem) => `  ${problem}`),
    `  replay: npm run sweep -- --point '${name}'`,
  ].join('\n');
}

/** The same with what the functions wrote last. */
export const failureWithLogs = (result: PointResult): string =>
  `${failureOf(result)}\n${(result.play.logs ?? '').slice(-SHOWN_LOG_CHARACTERS)}`;

/** A line while it goes on. */
export function progressOf({ total, done }: Progress): string {
  const bad = done.filter(({ outcome }) => outcome !== 'exact').length;
  const last = done.at(-1);
  const name = last ? `${formatSweepPoint(last.point)} ${last.outcome}` : '';
  return `${done.length}/${total}${bad > 0 ? `, ${bad} not exact` : ''}  ${name}`;
}

/** A sweep as plain data. */
export function jsonOf(report: SweepReport): object {
  const { results, runs, looks, lanes, ms } = report;
  const named = (outcome: PointResult['outcome']) => results.filter((result) => result.outcome === outcome);
  const byName = (names: readonly string[], of: (point: SweepPoint) => string) =>
    Object.fromEntries(names.map((name) => [name, countsOf(report, (point) => of(point) === name)]));
  return {
    ...countsOf(report, () => true),
    functions: byName(FUNCTIONS, (point) => point.functionName),
    scenarios: byName(
      SCENARIOS.map(({ name }) => name),
      (point) => point.scenario,
    ),
    failures: named('failed').map(({ point, play }) => ({
      point: formatSweepPoint(point),
      problems: play.problems,
    })),
    notHit: named('not hit').map(({ point }) => formatSweepPoint(point)),
    runs,
    looks,
    lanes,
    seconds: Math.round(ms / 1000),
  };
}
