import FC from '@alicloud/fc2';
import { SyncError } from '../errors/index.ts';
import type { FunctionName, Invoker, RunMessage } from '../ports/index.ts';

/** Where the functions are deployed. */
export interface FcTarget {
  readonly endpoint?: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  readonly region: string;
  readonly service: string;
}

const TIMEOUT_MS = 10_000;

/** Asynchronous invocations through the Function Compute 2.0 API: accepted means queued, at least once. */
export function createFc2Invoker(target: FcTarget): Invoker {
  const client = new FC(target.accountId, {
    accessKeyID: target.accessKeyId,
    accessKeySecret: target.accessKeySecret,
    region: target.region,
    timeout: TIMEOUT_MS,
    ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }),
    ...(target.securityToken === undefined ? {} : { securityToken: target.securityToken }),
  });
  return {
    async invoke(name: FunctionName, message: RunMessage) {
      try {
        await client.invokeFunction(target.service, name, JSON.stringify(message), {
          'x-fc-invocation-type': 'Async',
        });
      } catch (error) {
        throw invokeFault(name, error);
      }
    },
  };
}

/** Errors of fc2 carry no status, only a code; network faults come with the codes of Node. */
function invokeFault(name: FunctionName, error: unknown): SyncError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const kind = /Throttled|Exhausted/.test(code)
    ? 'throttled'
    : /AccessDenied|Signature|AccessKey/.test(code)
      ? 'auth'
      : 'transient';
  return new SyncError(
    'RUN-5010',
    kind,
    `invoking ${name} failed${code ? ` (${code})` : ''}`,
    {},
    { cause: error },
  );
}
