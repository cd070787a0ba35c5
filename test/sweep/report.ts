/** What a person reads about a sweep. */
import { formatPoint } from '../support/crash-point.ts';
import type { PointResult, Progress, SweepReport } from './sweep.ts';

const HEADS = ['function', 'calls', 'before', 'after', 'not reached', 'SUCCEEDED', 'exact'] as const;
const SHOWN_LOG_CHARACTERS = 4_000;

/** Counts over some results. `before` and `after` are points at which a process was killed. */
interface Counts {
  readonly before: number;
  readonly after: number;
  readonly notReached: number;
  readonly succeeded: number;
  readonly exact: number;
}

function countsOf(results: readonly PointResult[]): Counts {
  const hit = results.filter(({ last }) => last.isHit);
  return {
    before: hit.filter(({ point }) => point.moment === 'before').length,
    after: hit.filter(({ point }) => point.moment === 'after').length,
    notReached: results.filter(({ outcome }) => outcome === 'not reached').length,
    succeeded: hit.filter(({ last }) => last.state === 'SUCCEEDED').length,
    exact: hit.filter(({ outcome }) => outcome === 'exact').length,
  };
}

const cells = (name: string, calls: number, counts: Counts): string[] =>
  [name, calls, counts.before, counts.after, counts.notReached, counts.succeeded, counts.exact].map(String);

/** One line per function, and the sum. */
export function tableOf({ results, calls }: SweepReport): string {
  const rows = Object.entries(calls).map(([name, count]) =>
    cells(name, count, countsOf(results.filter(({ point }) => point.functionName === name))),
  );
  const sum = Object.values(calls).reduce((all, count) => all + count, 0);
  const lines = [[...HEADS], ...rows, cells('all', sum, countsOf(results))];
  const widths = HEADS.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) =>
      line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    )
    .join('\n');
}

/** The figures of a sweep in one sentence each. */
export function summaryOf(report: SweepReport): string {
  const { before, after, notReached, exact } = countsOf(report.results);
  const seconds = (report.ms / 1000).toFixed(0);
  return [
    `${before + after} of ${report.results.length} points hit, ${exact} exact, ${notReached} not reached`,
    `${report.runs} runs on ${report.lanes} lanes in ${seconds} s; the output was looked at ${report.looks} times`,
  ].join('\n');
}

/** What went wrong at a point, and the command that shows it again. */
export function failureOf({ point, last }: PointResult): string {
  return [
    `${formatPoint(point)} fails${last.isHit ? '' : ' (not even reached)'}:`,
    ...last.problems.map((problem) => `  ${problem}`),
    `  replay: npm run sweep -- --point '${formatPoint(point)}'`,
  ].join('\n');
}

/** The same with what the functions wrote last. */
export const failureWithLogs = (result: PointResult): string =>
  `${failureOf(result)}\n${(result.last.logs ?? '').slice(-SHOWN_LOG_CHARACTERS)}`;

/** A line while it goes on. */
export function progressOf({ total, done }: Progress): string {
  const failed = done.filter(({ outcome }) => outcome === 'failed').length;
  const last = done.at(-1);
  const name = last ? `${formatPoint(last.point)} ${last.outcome}` : '';
  return `${done.length}/${total}${failed > 0 ? `, ${failed} failed` : ''}  ${name}`;
}

/** A sweep as plain data. */
export function jsonOf(report: SweepReport): object {
  const { results, calls, runs, looks, lanes, ms } = report;
  const functions = Object.fromEntries(
    Object.entries(calls).map(([name, count]) => [
      name,
      { calls: count, ...countsOf(results.filter(({ point }) => point.functionName === name)) },
    ]),
  );
  const named = (outcome: PointResult['outcome']) => results.filter((result) => result.outcome === outcome);
  return {
    points: results.length,
    ...countsOf(results),
    functions,
    failures: named('failed').map(({ point, last }) => ({
      point: formatPoint(point),
      problems: last.problems,
    })),
    notReachedPoints: named('not reached').map(({ point }) => formatPoint(point)),
    runs,
    looks,
    lanes,
    seconds: Math.round(ms / 1000),
  };
}
