/** `setting.dirtyRows`, an extension: where refused rows are kept as objects. The same shape is a default of the project. */
import { z } from 'zod';
import { folders } from '../connectors/folders.ts';
import { connectorName } from '../connectors/registry.ts';
import { objectKeyFault } from '../security/object-key.ts';
import type { DataSources } from './data-source.ts';
import type { JobDraft } from './dialects/draft.ts';
import type { Findings } from './findings.ts';
import { type JsonNode, nodeAt, plainValue, type Spot } from './json/node.ts';
import type { DirtyRowsModel } from './model.ts';
import { nameHint } from './near-name.ts';
import { checkValue, type Problem } from './schema/problem.ts';

/** Bytes that are left for the names of run, shard and object below the prefix. */
const MAX_PREFIX_BYTES = 512;

/** Key of the setting, in all dialects and in the defaults of a project. */
export const DIRTY_ROWS_KEY = 'dirtyRows';

const prefixFault = (prefix: string): string | undefined =>
  Buffer.byteLength(prefix, 'utf8') > MAX_PREFIX_BYTES
    ? `is longer than ${MAX_PREFIX_BYTES} bytes`
    : objectKeyFault(prefix);

/** Schema of the setting. A slash at the end of the prefix is allowed and means nothing. */
export const dirtyRowsSchema: z.ZodType<DirtyRowsModel> = z.strictObject({
  datasource: z.string().min(1),
  prefix: z
    .string()
    .min(1)
    .transform((prefix) => prefix.normalize('NFC').replace(/\/$/, ''))
    .superRefine((prefix, context) => {
      const fault = prefixFault(prefix);
      if (fault) context.addIssue({ code: 'custom', message: fault });
    }),
});

/** What is wrong with a place beside its form: there is no such data source, or it holds no objects. */
export function placeProblem({ datasource }: DirtyRowsModel, dataSources: DataSources): Problem | undefined {
  const path = ['datasource'];
  const source = Object.hasOwn(dataSources, datasource) ? dataSources[datasource] : undefined;
  if (!source) {
    const hint = nameHint(datasource, Object.keys(dataSources));
    return { code: 'JOB-1018', path, message: `no data source is named \`${datasource}\``, hint };
  }
  if (Object.hasOwn(folders, connectorName(source.type))) return undefined;
  const message = `data source \`${datasource}\` is of type \`${source.type}\`, which cannot hold refused rows`;
  return { code: 'JOB-1019', path, message, hint: `it must be of type ${Object.keys(folders).join(' or ')}` };
}

/** Where the settings of each dialect are. */
const SETTING: Readonly<Record<JobDraft['dialect'], readonly string[]>> = {
  v1: ['configuration', 'setting'],
  v2: ['setting'],
  datax: ['job', 'setting'],
};

/** The place that a job names, else the project's. Faults are in the findings. */
export function readDirtyRows(
  root: JsonNode,
  dialect: JobDraft['dialect'],
  dataSources: DataSources,
  fallback: DirtyRowsModel | undefined,
  findings: Findings,
): DirtyRowsModel | undefined {
  const { node, exact } = nodeAt(root, [...SETTING[dialect], DIRTY_ROWS_KEY]);
  if (!exact || (node.kind === 'scalar' && node.value === null)) return fallback;
  const checked = checkValue(dirtyRowsSchema, plainValue(node), { isSecret: () => false });
  const problems = checked.ok ? [placeProblem(checked.value, dataSources) ?? []].flat() : checked.problems;
  for (const problem of problems) {
    const found = nodeAt(node, problem.path);
    const path = [node.path, ...problem.path.map(String)].join('.');
    const at: Spot = { ...found.node, path };
    const name = `\`${[DIRTY_ROWS_KEY, ...problem.path.map(String)].join('.')}\``;
    findings.fault(problem.code, at, `${name}: ${problem.message}`, problem.hint);
  }
  return checked.ok && problems.length === 0 ? checked.value : undefined;
}
