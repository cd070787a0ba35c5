/** `--local`: the same project and job, with every Alibaba Cloud address replaced by the local cloud's. Pure. */
import { connectorName } from '../core/connectors/registry.ts';
import type { DataSource, JobModel, JsonObject, JsonValue, Project } from '../core/job/index.ts';
import type { CloudFile } from './cloud-file.ts';

/** Environment variables that hold the local key pair, in this process and in the local functions. */
export const LOCAL_KEY_ID_VARIABLE = 'MILLRACE_LOCAL_ACCESS_KEY_ID';
export const LOCAL_KEY_SECRET_VARIABLE = 'MILLRACE_LOCAL_ACCESS_KEY_SECRET';

/** What a redirect needs to know of the cloud. */
export type CloudAddress = Pick<CloudFile, 'endpoints' | 'accountId' | 'region' | 'service'>;

const keys = {
  accessKeyId: `\${env:${LOCAL_KEY_ID_VARIABLE}}`,
  accessKeySecret: `\${env:${LOCAL_KEY_SECRET_VARIABLE}}`,
};

/** Who and where: replaced as a whole. Instance, bucket and table names stay. */
const REPLACED = [
  'endpoint',
  'region',
  'accessId',
  'accessKey',
  'accessKeyId',
  'accessKeySecret',
  'securityToken',
  'cname',
];

/** The project with state, functions and the data sources of local systems at the local cloud. */
export function redirectProject(project: Project, cloud: CloudAddress): Project {
  const { securityToken: _token, ...state } = project.state;
  const dataSources = Object.entries(project.dataSources).map(([name, source]) => [
    name,
    redirectSource(source, cloud),
  ]);
  return {
    ...project,
    dataSources: Object.fromEntries(dataSources),
    state: { ...state, ...keys, endpoint: cloud.endpoints.ots },
    functions: {
      ...keys,
      endpoint: cloud.endpoints.fc,
      accountId: cloud.accountId,
      region: cloud.region,
      service: cloud.service,
    },
  };
}

function redirectSource(source: DataSource, cloud: CloudAddress): DataSource {
  const address = addressOf(source.type, cloud);
  return address ? { ...without(source), ...address, type: source.type } : source;
}

/** The job with connections that it holds itself at the local cloud; those of data sources are the project's. */
export function redirectJob(job: JobModel, cloud: CloudAddress): JobModel {
  const redirect = (step: JobModel['reader']): JobModel['reader'] => {
    const address = addressOf(step.type, cloud);
    const isInline = REPLACED.some((key) => Object.hasOwn(step.params, key));
    return address && isInline ? { ...step, params: { ...without(step.params), ...address } } : step;
  };
  return { ...job, reader: redirect(job.reader), writer: redirect(job.writer) };
}

function addressOf(type: string, cloud: CloudAddress): JsonObject | undefined {
  switch (connectorName(type)) {
    case 'ots':
      return { ...keys, endpoint: cloud.endpoints.ots };
    case 'oss':
      return { ...keys, endpoint: cloud.endpoints.oss };
    default:
      return undefined;
  }
}

const without = (params: JsonObject): Record<string, JsonValue> =>
  Object.fromEntries(Object.entries(params).filter(([key]) => !REPLACED.includes(key)));

/** Buckets that the data sources and steps name. */
export function bucketsOf(project: Project, jobs: readonly JobModel[] = []): readonly string[] {
  const places = [
    ...Object.values(project.dataSources).map((source) => ({
      type: source.type,
      params: source as JsonObject,
    })),
    ...jobs.flatMap((job) => [job.reader, job.writer]),
  ];
  const buckets = places
    .filter(({ type }) => connectorName(type) === 'oss')
    .map(({ params }) => params.bucket)
    .filter((bucket): bucket is string => typeof bucket === 'string' && bucket !== '');
  return [...new Set(buckets)];
}
