/**
 * `npm run sweep -- [--function NAME] [--from K --to K] [--every N [--offset M]] [--lanes N] [--json]`, or
 * `-- --point 'worker:PutRow shards:3:after'` for one point with all that is known about it. Exit code 1 when a point
 * fails or none is hit.
 */
import { parseArgs } from 'node:util';
import { formatPoint, parsePoint } from '../support/crash-point.ts';
import { failureOf, failureWithLogs, jsonOf, progressOf, summaryOf, tableOf } from './report.ts';
import { scenarioOf } from './scenario.ts';
import { type Progress, replay, SWEPT_FUNCTIONS, sweep } from './sweep.ts';

/** Runs wait most of their time, for leases and timers: more lanes than processors. */
const DEFAULT_LANES = 6;
/** Lines of progress when nobody watches. */
const PROGRESS_EVERY = 10;

const { values } = parseArgs({
  options: {
    function: { type: 'string', multiple: true },
    from: { type: 'string' },
    to: { type: 'string' },
    every: { type: 'string' },
    offset: { type: 'string' },
    point: { type: 'string', multiple: true },
    lanes: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** A whole number that is given as text. */
function wholeNumber(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name} must be a whole number from ${least}`);
  return value;
}

/** Live on a terminal, now and then elsewhere; on standard error, so that the result can be piped. */
function showProgress(progress: Progress): void {
  const line = progressOf(progress);
  const isNews = progress.done.at(-1)?.outcome !== 'exact';
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}${isNews ? '\n' : ''}`);
  else if (isNews || progress.done.length % PROGRESS_EVERY === 0) process.stderr.write(`${line}\n`);
}

async function replayPoints(texts: readonly string[]): Promise<number> {
  const results = await replay(texts.map(parsePoint), { lanes: 1, onProgress: showProgress });
  for (const result of results) {
    const { point, outcome, last } = result;
    if (outcome === 'failed') console.log(failureWithLogs(result));
    else console.log(`${formatPoint(point)}: ${outcome}, ${last.state} after ${last.ms.toFixed(0)} ms`);
  }
  return results.filter(({ outcome }) => outcome !== 'exact').length;
}

async function sweepAll(): Promise<number> {
  const functions = values.function ?? SWEPT_FUNCTIONS;
  functions.forEach(scenarioOf);
  const number = (name: 'from' | 'to' | 'every' | 'offset' | 'lanes', least = 1) => {
    const value = wholeNumber(name, values[name], least);
    return value === undefined ? {} : { [name]: value };
  };
  const report = await sweep({
    functions,
    selection: { ...number('from'), ...number('to'), ...number('every'), ...number('offset', 0) },
    lanes: DEFAULT_LANES,
    ...number('lanes'),
    onProgress: showProgress,
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  const failed = report.results.filter(({ outcome }) => outcome === 'failed');
  if (values.json) console.log(JSON.stringify(jsonOf(report), null, 2));
  else console.log([tableOf(report), ...failed.map(failureOf), summaryOf(report)].join('\n'));
  return report.results.some(({ last }) => last.isHit) ? failed.length : 1;
}

const failures = values.point ? await replayPoints(values.point) : await sweepAll();
process.exitCode = failures > 0 ? 1 : 0;
