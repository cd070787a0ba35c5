import { z } from 'zod';
import { SyncError } from '../../errors/index.ts';
import { endpointUrl, type OssConnection } from './connection.ts';

/** Parameters of a connection, as data source files and DataX jobs name them. */
export const connectionShape = {
  endpoint: z.string().min(1).optional(),
  region: z.string().min(1).optional(),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'a bucket has 3 to 63 of a-z, 0-9 and -'),
  accessId: z.string().min(1).optional(),
  accessKey: z.string().min(1).optional(),
  accessKeyId: z.string().min(1).optional(),
  accessKeySecret: z.string().min(1).optional(),
  securityToken: z.string().min(1).optional(),
  cname: z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })]).optional(),
};

/** A connection alone, for data source files. */
export const connectionSchema = z.strictObject(connectionShape);

/** Where a fault of the parameters is reported. */
interface Issues {
  addIssue(issue: { code: 'custom'; path: string[]; message: string }): void;
}

/** The resolved connection; faults go to `issues`. */
export function toConnection(raw: z.output<typeof connectionSchema>, issues: Issues): OssConnection {
  const fault = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message });
  if (raw.accessId !== undefined && raw.accessKeyId !== undefined) {
    fault('accessKeyId', 'accessId and accessKeyId are the same; give one');
  }
  if (raw.accessKey !== undefined && raw.accessKeySecret !== undefined) {
    fault('accessKeySecret', 'accessKey and accessKeySecret are the same; give one');
  }
  const accessKeyId = raw.accessKeyId ?? raw.accessId;
  const accessKeySecret = raw.accessKeySecret ?? raw.accessKey;
  if (accessKeyId === undefined) fault('accessId', 'accessId is missing');
  if (accessKeySecret === undefined) fault('accessKey', 'accessKey is missing');
  if (raw.endpoint === undefined && raw.region === undefined)
    fault('endpoint', 'endpoint or region is needed');
  const endpointProblem = raw.endpoint === undefined ? undefined : endpointFault(raw.endpoint);
  if (endpointProblem) fault('endpoint', `endpoint ${endpointProblem}`);
  return {
    bucket: raw.bucket,
    accessKeyId: accessKeyId ?? '',
    accessKeySecret: accessKeySecret ?? '',
    cname: raw.cname ?? false,
    ...(raw.endpoint !== undefined && { endpoint: raw.endpoint }),
    ...(raw.region !== undefined && { region: raw.region }),
    ...(raw.securityToken !== undefined && { securityToken: raw.securityToken }),
  };
}

function endpointFault(endpoint: string): string | undefined {
  let url: URL;
  try {
    url = endpointUrl(endpoint);
  } catch {
    return 'is not a host name or URL';
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must be http or https';
  if (url.username !== '' || url.password !== '') return 'must not hold credentials';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return 'must not have a path';
  return undefined;
}

/** A connection whose secrets are resolved. @throws SyncError for its first fault; values are not shown. */
export function resolveConnection(connection: Readonly<Record<string, unknown>>): OssConnection {
  const refuse = (path: readonly PropertyKey[], message: string): never => {
    throw new SyncError('DST-4004', 'config', `the data source is incomplete: ${message}`, {
      path: path.map(String).join('.'),
    });
  };
  const parsed = connectionSchema.safeParse(connection);
  if (parsed.success)
    return toConnection(parsed.data, { addIssue: ({ path, message }) => refuse(path, message) });
  const [issue] = parsed.error.issues;
  return refuse(issue?.path ?? [], issue?.message ?? 'it cannot be read');
}
