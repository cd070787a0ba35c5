import { connectors } from '../connectors/registry.ts';
import { assert, type ConfigFault } from '../errors/index.ts';
import type { DataSources } from './data-source.ts';
import { readJob } from './dialects/index.ts';
import { DEFAULT_TIME_ZONE } from './dialects/settings.ts';
import { readDirtyRows } from './dirty-rows.ts';
import type { Findings } from './findings.ts';
import { parseDocument } from './json/document.ts';
import type { DirtyRowsModel, JobModel } from './model.ts';
import { nameHint } from './near-name.ts';
import { loadStep, type StepContext } from './steps/load-step.ts';
import type { ClockUse } from './time/expression.ts';
import { type ScheduleOptions, scheduleTime } from './time/schedule.ts';
import { type Assigned, evaluateAssignments, VARIABLE_NAME } from './variables/assignments.ts';
import { substitute, type VariableUse } from './variables/substitution.ts';

/** What a job file needs to become a job. */
export interface LoadOptions {
  /** Name of the file, for messages. */
  readonly file?: string;
  readonly schedule: ScheduleOptions;
  /** Values of variables, as text; they win over assignments. */
  readonly params: Readonly<Record<string, string>>;
  /** Assignment list of DataWorks, for example `dt=$bizdate hour=$[hh24-1/24]`. */
  readonly assignments?: string;
  /** The connector of a short plug-in name. */
  readonly findConnector: StepContext['findConnector'];
  /** Names for suggestions; default: those of the registry. */
  readonly connectorTypes?: readonly string[];
  readonly dataSources: DataSources;
  /** Place of the refused rows of jobs that name none; default: the status table. */
  readonly defaultDirtyRows?: DirtyRowsModel;
  /** Zone of jobs that name none; default `Asia/Shanghai`. */
  readonly defaultTimeZone?: string;
}

/** A job that is ready to run, and what is doubtful about it. */
export interface LoadedJob {
  readonly job: JobModel;
  readonly warnings: readonly ConfigFault[];
}

/**
 * Reads a job file of any dialect: parses, replaces variables, checks both steps against their connectors.
 * Throws ConfigError with every fault that was found. Secrets stay references.
 */
export async function loadJob(text: string, options: LoadOptions): Promise<LoadedJob> {
  const time = scheduleTime(options.schedule);
  const { root, findings } = parseDocument(text, options.file);
  const assigned = evaluateAssignments(options.assignments ?? '', time, findings);
  checkParams(options.params, findings);
  if (!root) findings.throwIfAny();
  assert(root, 'a file without faults has a root');
  const values = new Map([...assigned.values, ...Object.entries(options.params)]);
  const { root: replaced, use } = substitute(root, { time, values }, text, findings);
  warnUnused(options.params, use, findings);
  warnCrossDay(assigned, use, findings);
  const job = await buildJob(replaced, options, findings);
  findings.throwIfAny();
  assert(job, 'a job without faults is complete');
  return { job, warnings: findings.warnings };
}

async function buildJob(
  root: Parameters<typeof readJob>[0],
  options: LoadOptions,
  findings: Findings,
): Promise<JobModel | undefined> {
  const draft = readJob(root, options.defaultTimeZone ?? DEFAULT_TIME_ZONE, findings);
  if (!draft) return undefined;
  const context: StepContext = {
    findConnector: options.findConnector,
    connectorTypes: options.connectorTypes ?? Object.keys(connectors),
    dataSources: options.dataSources,
    findings,
  };
  const dirtyRows = readDirtyRows(
    root,
    draft.dialect,
    options.dataSources,
    options.defaultDirtyRows,
    findings,
  );
  const setting = { ...draft.setting, ...(dirtyRows && { dirtyRows }) };
  const reader = draft.reader && (await loadStep(draft.reader, 'reader', context));
  const writer = draft.writer && (await loadStep(draft.writer, 'writer', context));
  return reader && writer && { dialect: draft.dialect, reader, writer, setting };
}

/** Longest value of a given parameter, in characters. */
const MAX_PARAM_CHARS = 65_536;

function checkParams(params: Readonly<Record<string, string>>, findings: Findings): void {
  for (const [name, value] of Object.entries(params)) {
    const at = { path: `params.${name}` };
    if (!VARIABLE_NAME.test(name)) {
      findings.fault(
        'JOB-1017',
        at,
        `\`${name}\` is no name of a variable`,
        'letters, digits and `_`, not beginning with a digit',
      );
    } else if (value.length > MAX_PARAM_CHARS) {
      findings.fault('JOB-1008', at, `the value of \`${name}\` is longer than ${MAX_PARAM_CHARS} characters`);
    }
  }
}

function warnUnused(params: Readonly<Record<string, string>>, use: VariableUse, findings: Findings): void {
  for (const name of Object.keys(params)) {
    if (use.names.has(name)) continue;
    const at = { path: `params.${name}` };
    const hint = use.names.size > 0 ? nameHint(name, use.names) : 'the job uses no variable';
    findings.warn('JOB-1023', at, `the job does not use the parameter \`${name}\``, hint);
  }
}

/** Between midnight and one, an unshifted date belongs to another day than an hour that was shifted back. */
function warnCrossDay(assigned: Assigned, use: VariableUse, findings: Findings): void {
  const uses: ReadonlySet<ClockUse> = new Set([...assigned.clockUses, ...use.clockUses]);
  if (!uses.has('plain-date') || !uses.has('shifted-hour')) return;
  const message =
    'an unshifted date is used beside a shifted hour: between midnight and one they are of different days';
  findings.warn(
    'JOB-1022',
    { path: 'assignments' },
    message,
    'shift the date by the same, for example `$[yyyymmdd-1/24]`',
  );
}
