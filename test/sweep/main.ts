/**
 * `npm run sweep -- [--function NAME] [--scenario NAME] [--from K --to K] [--every N [--offset M]] [--lanes N] [--json]`,
 * `-- --list` for the names of all points, or `-- --point 'plain/worker:PutRow shards 00000 claim:1:after'` for one with
 * all that is known about it. Exit code 1 unless every point that was to be played was hit and ended exactly.
 */
import { parseArgs } from 'node:util';
import { formatSweepPoint, parseSweepPoint } from './points.ts';
import { failureOf, failureWithLogs, jsonOf, progressOf, summaryOf, tableOf } from './report.ts';
import { FUNCTIONS, scenarioOf } from './scenario.ts';
import { list, type Progress, replay, sweep } from './sweep.ts';

/** On two processors a third one is of use: a run now and then waits for a process to start. */
const DEFAULT_LANES = 3;
/** Lines of progress when nobody watches. */
const PROGRESS_EVERY = 25;

const { values } = parseArgs({
  options: {
    function: { type: 'string', multiple: true },
    scenario: { type: 'string', multiple: true },
    from: { type: 'string' },
    to: { type: 'string' },
    every: { type: 'string' },
    offset: { type: 'string' },
    point: { type: 'string', multiple: true },
    lanes: { type: 'string' },
    list: { type: 'boolean', default: false },
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

const numberOf = (name: 'from' | 'to' | 'every' | 'offset' | 'lanes', least = 1) => {
  const value = wholeNumber(name, values[name], least);
  return value === undefined ? {} : { [name]: value };
};

/** Live on a terminal, now and then elsewhere; on standard error, so that the result can be piped. */
function showProgress(progress: Progress): void {
  const line = progressOf(progress);
  const isNews = progress.done.at(-1)?.outcome !== 'exact';
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}${isNews ? '\n' : ''}`);
  else if (isNews || progress.done.length % PROGRESS_EVERY === 0) process.stderr.write(`${line}\n`);
}

async function replayPoints(texts: readonly string[]): Promise<boolean> {
  const results = await replay(texts.map(parseSweepPoint), { lanes: 1, onProgress: showProgress });
  for (const result of results) {
    const { point, outcome, play } = result;
    if (outcome === 'failed') console.log(failureWithLogs(result));
    else console.log(`${formatSweepPoint(point)}: ${outcome}, ${play.state} after ${play.ms.toFixed(0)} ms`);
  }
  return results.every(({ outcome }) => outcome === 'exact');
}

async function sweepAll(): Promise<boolean> {
  const { function: functions, scenario: scenarios } = values;
  for (const name of functions ?? [])
    if (!FUNCTIONS.some((known) => known === name)) throw new Error(`no function '${name}'`);
  scenarios?.forEach(scenarioOf);
  const report = await sweep({
    selection: {
      ...(functions ? { functions } : {}),
      ...numberOf('from'),
      ...numberOf('to'),
      ...numberOf('every'),
      ...numberOf('offset', 0),
    },
    ...(scenarios ? { scenarios } : {}),
    lanes: DEFAULT_LANES,
    ...numberOf('lanes'),
    onProgress: showProgress,
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  const bad = report.results.filter(({ outcome }) => outcome !== 'exact');
  if (values.json) console.log(JSON.stringify(jsonOf(report), null, 2));
  else console.log([tableOf(report), ...bad.map(failureOf), summaryOf(report)].join('\n'));
  return report.results.length > 0 && bad.length === 0;
}

async function listAll(): Promise<boolean> {
  for (const point of await list(DEFAULT_LANES)) console.log(formatSweepPoint(point));
  return true;
}

const isGood = await (values.list ? listAll() : values.point ? replayPoints(values.point) : sweepAll());
process.exitCode = isGood ? 0 : 1;
