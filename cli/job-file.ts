/** A job file with what the command line says about it, ready to be loaded. */
import path from 'node:path';
import { findConnector } from '../core/connectors/systems.ts';
import { SyncError } from '../core/errors/index.ts';
import {
  DEFAULT_TIME_ZONE,
  type ErrorLimitModel,
  type JobModel,
  type LoadedJob,
  loadJob,
  type ProjectBasics,
  scheduleTime,
} from '../core/job/index.ts';
import { instantOf, parseDay, shiftCivil } from '../core/job/time/civil.ts';
import type { TextFile } from './files.ts';

/** Options of all commands that take a job file, as the command line has them. */
export interface JobOptions {
  /** `name=value` each. */
  readonly param?: readonly string[];
  readonly assign?: string;
  readonly bizdate?: string;
  readonly at?: string;
  readonly errorLimit?: string;
}

/** When the run of a command is due. */
export interface Schedule {
  readonly scheduledMs: number;
  readonly nowMs: number;
  /** Whether the command names a time: the same command then names the same run. */
  readonly isNamed: boolean;
  readonly timeZone: string;
}

/** A usage fault with its sentence. */
export const usageFault = (message: string): SyncError => new SyncError('CLI-0001', 'config', message);

/**
 * The schedule that `--at` and `--bizdate` name, else now. A business date alone means the midnight at which that
 * day is over, so that repeating the command at another hour names the same run.
 */
export function parseSchedule(options: JobOptions, nowMs: number, timeZone = DEFAULT_TIME_ZONE): Schedule {
  const isNamed = options.at !== undefined || options.bizdate !== undefined;
  const atMs = options.at === undefined ? undefined : parseInstant(options.at);
  const scheduledMs =
    options.bizdate === undefined ? (atMs ?? nowMs) : dueAfter(options.bizdate, atMs, timeZone);
  return { scheduledMs, nowMs, isNamed, timeZone };
}

const ISO_WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

function parseInstant(text: string): number {
  const ms = ISO_WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw usageFault(
      `--at ${text} is no time; write it with its offset, for example 2025-03-16T00:30:00+08:00`,
    );
  }
  return ms;
}

function dueAfter(bizdate: string, atMs: number | undefined, timeZone: string): number {
  const day = parseDay(bizdate);
  const next = day && shiftCivil(day, 0, 1);
  if (!next)
    throw usageFault(
      `--bizdate ${bizdate} is no date; write an existing day as yyyymmdd, for example 20250315`,
    );
  if (atMs === undefined) return instantOf({ ...next, hour: 0, minute: 0, second: 0 }, timeZone);
  return scheduleTime({ scheduledMs: atMs, businessDate: bizdate, timeZone }).dueMs;
}

/** `-p` options by name. */
export function parseParams(given: readonly string[] = []): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  for (const one of given) {
    const equals = one.indexOf('=');
    if (equals <= 0) throw usageFault(`-p ${one}: write it as name=value`);
    const name = one.slice(0, equals);
    if (Object.hasOwn(params, name)) throw usageFault(`-p ${name} is given twice`);
    params[name] = one.slice(equals + 1);
  }
  return params;
}

/** `100` rows or `0.5%` of them. */
export function parseErrorLimit(text: string | undefined): ErrorLimitModel | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,12}$/.test(text)) return { kind: 'records', limit: Number(text) };
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text)?.[1];
  const share = Number(percent) / 100;
  if (percent !== undefined && share <= 1) return { kind: 'share', limit: share };
  throw usageFault(`--error-limit ${text}: write a number of rows such as 100, or a share such as 0.5%`);
}

/** Most characters of a name of a job. */
const MAX_JOB_ID = 100;

/** Name of the job: as given, or the name of the file without its extension. */
export function jobIdOf(file: string, given: string | undefined): string {
  if (given !== undefined) {
    if (/^[A-Za-z0-9_-]{1,100}$/.test(given)) return given;
    throw usageFault(`--job-id ${given}: use 1 to ${MAX_JOB_ID} letters, digits, "-" and "_"`);
  }
  const name = path.basename(file).replace(/\.[^.]*$/, '');
  const clean = name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, MAX_JOB_ID);
  return clean.replaceAll('-', '') === '' ? 'job' : clean;
}

/** Loads the job as the options say. Throws ConfigError with every fault. */
export async function loadJobFile(
  file: TextFile,
  options: JobOptions,
  schedule: Schedule,
  { dataSources, defaults }: ProjectBasics,
): Promise<LoadedJob> {
  const loaded = await loadJob(file.text, {
    file: file.name,
    schedule,
    params: parseParams(options.param),
    ...(options.assign === undefined ? {} : { assignments: options.assign }),
    findConnector,
    dataSources,
    defaultTimeZone: schedule.timeZone,
    ...(defaults?.dirtyRows && { defaultDirtyRows: defaults.dirtyRows }),
  });
  const errorLimit = parseErrorLimit(options.errorLimit);
  return errorLimit === undefined ? loaded : { ...loaded, job: withErrorLimit(loaded.job, errorLimit) };
}

const withErrorLimit = (job: JobModel, errorLimit: ErrorLimitModel): JobModel => ({
  ...job,
  setting: { ...job.setting, errorLimit },
});
