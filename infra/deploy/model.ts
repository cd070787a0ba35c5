/** Reads `serverless.yml`, the single source of truth for the functions, into a checked model. */
import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

/** A timer that starts a function; `cron` has six fields, or is `@every` with a duration. */
export interface DeployTimer {
  readonly name: string;
  readonly cron: string;
  readonly payload: string;
  readonly enabled: boolean;
}

/** An environment variable: fixed text, or taken from the environment of the deployment. */
export interface DeployVariable {
  readonly name: string;
  /** Name in the deployment's environment; absent for fixed text. */
  readonly from?: string;
  /** The fixed text or the default; absent = the deployment must set `from`. */
  readonly value?: string;
}

/** One function; memory in megabytes, times in seconds. */
export interface DeployFunction {
  readonly name: string;
  readonly description: string;
  /** `path/of/module.method`, both in the repository (without `.ts`) and in the package (`.js`). */
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: readonly DeployVariable[];
  /** Retries of a failed asynchronous execution. */
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly timers: readonly DeployTimer[];
}

/** The service and its functions, in the order of the file. */
export interface DeployModel {
  readonly service: string;
  readonly functions: readonly DeployFunction[];
}

/** The file is not a deployment this repository can carry out; `faults` has a line per finding. */
export class DeployModelError extends Error {
  readonly faults: readonly string[];

  constructor(source: string, faults: readonly string[]) {
    super([`${source} is invalid:`, ...faults.map((fault) => `  ${fault}`)].join('\n'));
    this.name = 'DeployModelError';
    this.faults = faults;
  }
}

/** Retries and event age of the platform when the file is silent. */
const DEFAULT_RETRIES = 3;
const DEFAULT_EVENT_AGE_SECONDS = 86_400;

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/, 'not a name of the platform');
const memory = z.int().min(128).max(32_768).multipleOf(64);
const timeout = z.int().min(1).max(86_400);
const runtime = z.enum(['nodejs18', 'nodejs20']);
const environment = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string());

const timer = z.strictObject({
  name,
  cron: z.string().min(1),
  payload: z.string().default(''),
  enabled: z.boolean().default(true),
});

const functionSchema = z.strictObject({
  description: z.string().max(256).default(''),
  handler: z.string().regex(/^[\w-]+(\/[\w-]+)*\.[A-Za-z_]\w*$/, 'must have the form path/module.method'),
  runtime: runtime.optional(),
  memorySize: memory.optional(),
  timeout: timeout.optional(),
  environment: environment.default({}),
  maximumRetryAttempts: z.int().min(0).max(8).default(DEFAULT_RETRIES),
  maximumEventAge: z.int().min(1).max(604_800).default(DEFAULT_EVENT_AGE_SECONDS),
  events: z.array(z.strictObject({ timer })).default([]),
});

const fileSchema = z.strictObject({
  service: name,
  frameworkVersion: z.literal('3').optional(),
  configValidationMode: z.literal('error').optional(),
  provider: z.strictObject({
    name: z.literal('aliyun'),
    runtime,
    memorySize: memory,
    timeout,
    environment: environment.default({}),
  }),
  package: z.strictObject({ individually: z.literal(true) }).optional(),
  functions: z.record(name, functionSchema),
});

type File = z.output<typeof fileSchema>;

const ENV_REFERENCE = /^\$\{env:([A-Za-z_]\w*)(?:,\s*'([^']*)')?\}$/;

function parseVariable(variable: string, text: string, faults: string[]): DeployVariable {
  const reference = ENV_REFERENCE.exec(text);
  if (reference?.[1]) {
    const fallback = reference[2];
    return { name: variable, from: reference[1], ...(fallback === undefined ? {} : { value: fallback }) };
  }
  if (text.includes('${'))
    faults.push(`environment.${variable}: only \${env:NAME} or \${env:NAME, 'default'}`);
  return { name: variable, value: text };
}

function buildFunction(file: File, functionName: string, faults: string[]): DeployFunction {
  const own = file.functions[functionName]!;
  const variables = Object.entries({ ...file.provider.environment, ...own.environment });
  return {
    name: functionName,
    description: own.description,
    handler: own.handler,
    runtime: own.runtime ?? file.provider.runtime,
    memoryMb: own.memorySize ?? file.provider.memorySize,
    timeoutSeconds: own.timeout ?? file.provider.timeout,
    environment: variables.map(([variable, text]) => parseVariable(variable, text, faults)),
    maximumRetryAttempts: own.maximumRetryAttempts,
    maximumEventAgeSeconds: own.maximumEventAge,
    timers: own.events.map((event) => event.timer),
  };
}

function readYaml(text: string, source: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0)
    throw new DeployModelError(
      source,
      document.errors.map((e) => e.message),
    );
  return document.toJS({ maxAliasCount: 0 });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`;
  return issue.keys.map((key) => `${path === '' ? key : `${path}.${key}`}: unknown key`).join('; ');
}

/** Parses the text of a `serverless.yml`; throws `DeployModelError` with all findings. */
export function parseDeployModel(text: string, source = 'serverless.yml'): DeployModel {
  const result = fileSchema.safeParse(readYaml(text, source));
  if (!result.success) throw new DeployModelError(source, result.error.issues.map(describeIssue));
  const faults: string[] = [];
  const names = Object.keys(result.data.functions);
  const functions = names.map((functionName) => buildFunction(result.data, functionName, faults));
  for (const { name: functionName, timers } of functions) {
    const repeated = timers.find((each, index) => timers.findIndex((t) => t.name === each.name) !== index);
    if (repeated) faults.push(`functions.${functionName}.events: timer '${repeated.name}' appears twice`);
  }
  if (faults.length > 0) throw new DeployModelError(source, [...new Set(faults)]);
  return { service: result.data.service, functions };
}

/** Reads and parses a file. */
export async function readDeployModel(file: string): Promise<DeployModel> {
  return parseDeployModel(await readFile(file, 'utf8'), file);
}
