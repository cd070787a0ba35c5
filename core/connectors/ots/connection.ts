/** How to reach an instance: shared by the reader's parameters, data source files and `conn test`. */
import { z } from 'zod';
import { wholeNumber } from './number-schema.ts';

/** A connection with one spelling for every key. */
export interface OtsConnection {
  readonly endpoint: string;
  readonly instanceName: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  /** Longest a request may take in all. */
  readonly timeoutMs: number;
}

/** Keys that a data source may bring. */
export const CONNECTION_KEYS = [
  'endpoint',
  'instanceName',
  'accessId',
  'accessKey',
  'accessKeyId',
  'accessKeySecret',
  'securityToken',
  'connectTimeoutInMillisecond',
  'socketTimeoutInMillisecond',
] as const;

/** Connection keys whose values are secret. */
export const SECRET_KEYS = ['accessKey', 'accessKeySecret', 'securityToken'] as const;

const DEFAULT_PART_TIMEOUT_MS = 10_000;
const MAX_PART_TIMEOUT_MS = 600_000;

const filled = () => z.string().trim().min(1, 'must not be empty');
const timeout = (what: string) =>
  wholeNumber(1, MAX_PART_TIMEOUT_MS, ' of milliseconds')
    .default(DEFAULT_PART_TIMEOUT_MS)
    .describe(`${what} A request may take the sum of both timeouts in all.`);

/** Fields of a connection, to be spread into a strict object. */
export const connectionFields = {
  endpoint: filled()
    .regex(/^https?:\/\/[A-Za-z0-9.[\]:_-]+\/?$/, 'must be http(s)://host[:port], without a path')
    .describe('For example https://INSTANCE.cn-hangzhou.ots.aliyuncs.com.'),
  instanceName: filled().describe('Name of the instance.'),
  accessId: filled().optional().describe('Access key id. Or accessKeyId.'),
  accessKey: filled().optional().describe('Access key secret. Or accessKeySecret.'),
  accessKeyId: filled().optional().describe('Access key id. Or accessId.'),
  accessKeySecret: filled().optional().describe('Access key secret. Or accessKey.'),
  securityToken: filled().optional().describe('Of temporary credentials.'),
  connectTimeoutInMillisecond: timeout('Time to connect.'),
  socketTimeoutInMillisecond: timeout('Time to answer.'),
};

/** A fault of the connection as a whole. */
export interface ConnectionFault {
  readonly path: string;
  readonly message: string;
}

const connection = z.strictObject(connectionFields);

/** Parsed fields of a connection, both spellings. */
export type ConnectionFields = z.output<typeof connection>;

/** Schema of a connection alone; the parsed value is an OtsConnection. */
export const connectionSchema = connection.transform((raw, context) => {
  const normal = normalizeConnection(raw);
  if (!Array.isArray(normal)) return { ...normal } as Readonly<Record<string, unknown>>;
  for (const { path, message } of normal) {
    context.issues.push({ code: 'custom', input: raw, message, path: [path] });
  }
  return z.NEVER;
});

/** One spelling for every key, or what is missing or said twice. */
export function normalizeConnection(raw: ConnectionFields): OtsConnection | ConnectionFault[] {
  const faults: ConnectionFault[] = [];
  const accessKeyId = either('accessId', raw.accessId, 'accessKeyId', raw.accessKeyId, faults);
  const accessKeySecret = either('accessKey', raw.accessKey, 'accessKeySecret', raw.accessKeySecret, faults);
  if (faults.length > 0) return faults;
  return {
    endpoint: raw.endpoint.replace(/\/$/, ''),
    instanceName: raw.instanceName,
    accessKeyId,
    accessKeySecret,
    ...(raw.securityToken === undefined ? {} : { securityToken: raw.securityToken }),
    timeoutMs: raw.connectTimeoutInMillisecond + raw.socketTimeoutInMillisecond,
  };
}

function either(
  first: string,
  a: string | undefined,
  second: string,
  b: string | undefined,
  faults: ConnectionFault[],
): string {
  if (a === undefined && b === undefined) faults.push({ path: first, message: 'is required' });
  if (a !== undefined && b !== undefined && a !== b) {
    faults.push({ path: second, message: `says something else than ${first}; give one of the two` });
  }
  return a ?? b ?? '';
}
