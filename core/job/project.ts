// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${env:NAME}` is the notation of references
import { z } from 'zod';
import { assert, type ConfigFault } from '../errors/index.ts';
import { isReference, isSecretKey } from '../security/secret.ts';
import type { DataSources } from './data-source.ts';
import { DIRTY_ROWS_KEY, dirtyRowsSchema, placeProblem } from './dirty-rows.ts';
import type { Findings } from './findings.ts';
import { parseDocument } from './json/document.ts';
import { childPath, type JsonNode, nodeAt, plainValue, type Spot } from './json/node.ts';
import type { DirtyRowsModel } from './model.ts';
import { checkValue, type Problem } from './schema/problem.ts';
import { isTimeZone } from './time/civil.ts';

/** Where the status tables of runs are. Secrets are references. */
export interface ProjectState {
  readonly type: 'tablestore';
  readonly endpoint: string;
  readonly instanceName: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  /** Prefix of the names of the status tables. */
  readonly tablePrefix: string;
}

/** Where the functions are deployed. Secrets are references. */
export interface ProjectFunctions {
  readonly endpoint?: string;
  readonly region: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  readonly service: string;
}

/** The project file `millrace.json`. */
export interface Project {
  readonly dataSources: DataSources;
  readonly state: ProjectState;
  readonly functions?: ProjectFunctions;
  readonly defaults?: {
    readonly timeZone?: string;
    /** Place of the refused rows of all jobs that name none. */
    readonly dirtyRows?: DirtyRowsModel;
  };
}

/** What of a project matters to loading a job. */
export type ProjectBasics = Pick<Project, 'dataSources' | 'defaults'>;

/** A project, and what is doubtful about it. */
export interface ParsedProject {
  readonly project: Project;
  readonly warnings: readonly ConfigFault[];
}

const text = z.string().min(1);
const endpoint = text.refine((value) => isReference(value) || /^https?:\/\/[^\s/]+/.test(value), {
  error: 'an endpoint begins with http:// or https://',
});
const dataSourceName = z.string().regex(/^[A-Za-z_][\w.-]{0,59}$/);

const stateSchema: z.ZodType<ProjectState> = z.strictObject({
  type: z.literal('tablestore').default('tablestore'),
  endpoint,
  instanceName: text,
  accessKeyId: text,
  accessKeySecret: text,
  securityToken: text.exactOptional(),
  tablePrefix: z
    .string()
    .regex(/^[A-Za-z_]\w{0,63}$/)
    .default('millrace_'),
});

/** The region of the endpoint when none is named; an endpoint of one's own needs none. */
const DEFAULT_REGION = 'cn-hangzhou';

const functionsSchema: z.ZodType<ProjectFunctions> = z
  .strictObject({
    endpoint: endpoint.exactOptional(),
    region: text.exactOptional(),
    accountId: z.string().regex(/^\d{1,32}$|^\$\{(env|file):[^{}]+\}$/),
    accessKeyId: text,
    accessKeySecret: text,
    securityToken: text.exactOptional(),
    service: text.default('millrace'),
  })
  .refine((value) => value.endpoint !== undefined || value.region !== undefined, {
    error: 'the functions need an `endpoint` or a `region`',
  })
  .transform((value) => ({ ...value, region: value.region ?? DEFAULT_REGION }));

/** Schema of the project file. */
export const projectSchema: z.ZodType<Project> = z.strictObject({
  dataSources: z
    .record(dataSourceName, z.looseObject({ type: text }))
    .default({}) as unknown as z.ZodType<DataSources>,
  state: stateSchema,
  functions: functionsSchema.exactOptional(),
  defaults: z
    .strictObject({
      timeZone: text.refine(isTimeZone, { error: 'this is no IANA time zone' }).exactOptional(),
      dirtyRows: dirtyRowsSchema.exactOptional(),
    })
    .exactOptional(),
});

/** Reads the project file. Throws ConfigError with every fault. Secrets stay references; `resolveSecrets` fetches them. */
export function parseProject(source: string, file?: string): ParsedProject {
  const { root, findings } = parseDocument(source, file);
  if (!root) findings.throwIfAny();
  assert(root, 'a file without faults has a root');
  checkTexts(root, '', findings);
  const checked = checkValue(projectSchema, plainValue(withoutSchemaKey(root)), { isSecret: () => false });
  if (!checked.ok) for (const problem of checked.problems) tell(problem, root, findings);
  else checkDirtyRows(checked.value, root, findings);
  findings.throwIfAny();
  assert(checked.ok, 'a project without faults has a value');
  return { project: checked.value, warnings: findings.warnings };
}

function checkDirtyRows({ defaults, dataSources }: Project, root: JsonNode, findings: Findings): void {
  const problem = defaults?.dirtyRows && placeProblem(defaults.dirtyRows, dataSources);
  if (problem) tell({ ...problem, path: ['defaults', DIRTY_ROWS_KEY, ...problem.path] }, root, findings);
}

/** `$schema` is for editors. */
function withoutSchemaKey(root: JsonNode): JsonNode {
  if (root.kind !== 'object') return root;
  return { ...root, members: new Map([...root.members].filter(([name]) => name !== '$schema')) };
}

/** References must be whole values, and secrets should be references. */
function checkTexts(node: JsonNode, key: string, findings: Findings): void {
  if (node.kind === 'array') for (const item of node.items) checkTexts(item, key, findings);
  else if (node.kind === 'object') {
    for (const [name, { value }] of node.members) checkTexts(value, name, findings);
  } else if (typeof node.value === 'string' && !isReference(node.value)) {
    if (/\$\{|^secret:\/\//.test(node.value)) {
      const hint =
        'write `${env:NAME}` or `${file:PATH}` as the whole value; variables of jobs do not exist here';
      findings.fault('JOB-1020', node, `\`${key}\` is no secret reference of a known kind`, hint);
    } else if (isSecretKey(key) && node.value !== '') {
      findings.warn(
        'JOB-1021',
        node,
        `\`${key}\` is written in clear`,
        'use a reference such as `${env:NAME}`',
      );
    }
  }
}

function tell(problem: Problem, root: JsonNode, findings: Findings): void {
  const holder = nodeAt(root, problem.path.slice(0, -1)).node;
  const last = String(problem.path.at(-1));
  const member = holder.kind === 'object' ? holder.members.get(last) : undefined;
  const path = problem.path.reduce<string>(
    (at, part) => childPath(at, typeof part === 'number' ? part : String(part)),
    '',
  );
  const at: Spot = problem.atKey && member ? member.key : { ...nodeAt(root, problem.path).node, path };
  findings.fault(problem.code, at, problem.message, problem.hint);
}
