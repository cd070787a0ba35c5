import type { TaskRecord } from '../async/tasks.ts';
import { DEFAULT_ASYNC_AGE_SECONDS, DEFAULT_ASYNC_RETRIES, MAX_CONTROL_BODY_BYTES } from '../limits.ts';
import type { AsyncConfigRecord } from '../model/records.ts';
import { FcError } from './error.ts';
import { asyncConfigFields, parseFields } from './fields.ts';
import { functionOf } from './function-routes.ts';
import { page } from './paging.ts';
import type { RouteParts } from './parts.ts';
import { type FcAnswer, type FcRequest, jsonBody, type Route } from './request.ts';

const FUNCTION = '/services/:service/functions/:function';
const shared = { faultKey: 'function', maxBodyBytes: MAX_CONTROL_BODY_BYTES };

/** Routes of the asynchronous configuration of a function. */
export function asyncConfigRoutes(parts: RouteParts): readonly Route[] {
  const { catalog, now } = parts;

  const put = async (request: FcRequest): Promise<FcAnswer> => {
    const entry = functionOf(parts, request);
    const fields = parseFields(asyncConfigFields, jsonBody(request));
    const { onSuccess, onFailure } = fields.destinationConfig ?? {};
    const time = now();
    const config: AsyncConfigRecord = {
      service: entry.serviceName,
      function: entry.record.functionName,
      qualifier: 'LATEST',
      maxAsyncRetryAttempts: fields.maxAsyncRetryAttempts ?? DEFAULT_ASYNC_RETRIES,
      maxAsyncEventAgeInSeconds: fields.maxAsyncEventAgeInSeconds ?? DEFAULT_ASYNC_AGE_SECONDS,
      statefulInvocation: fields.statefulInvocation ?? false,
      destinationConfig: { ...(onSuccess ? { onSuccess } : {}), ...(onFailure ? { onFailure } : {}) },
      createdTime: entry.asyncConfig?.createdTime ?? time,
      lastModifiedTime: time,
    };
    await catalog.saveAsyncConfig(entry, config);
    return { status: 200, json: config };
  };

  const get = (request: FcRequest): FcAnswer => {
    const { asyncConfig, record } = functionOf(parts, request);
    if (asyncConfig) return { status: 200, json: asyncConfig };
    throw new FcError(404, 'AsyncConfigNotExists', `'${record.functionName}' has no async configuration`);
  };

  const remove = async (request: FcRequest): Promise<FcAnswer> => {
    await catalog.saveAsyncConfig(functionOf(parts, request), undefined);
    return { status: 204 };
  };

  const list = (request: FcRequest): FcAnswer => {
    const { asyncConfig } = functionOf(parts, request);
    return { status: 200, json: { configs: asyncConfig ? [asyncConfig] : [], nextToken: null } };
  };

  const one = { ...shared, pattern: `${FUNCTION}/async-invoke-config` };
  return [
    { ...one, method: 'PUT', operation: 'PutFunctionAsyncConfig', handle: put },
    { ...one, method: 'GET', operation: 'GetFunctionAsyncConfig', handle: get },
    { ...one, method: 'DELETE', operation: 'DeleteFunctionAsyncConfig', handle: remove },
    {
      ...shared,
      pattern: `${FUNCTION}/async-invoke-configs`,
      method: 'GET',
      operation: 'ListFunctionAsyncConfigs',
      handle: list,
    },
  ];
}

/** Routes of tracked (stateful) invocations. */
export function taskRoutes(parts: RouteParts): readonly Route[] {
  const { tasks, invoker, clock } = parts;
  const named = (request: FcRequest): TaskRecord => {
    const { serviceName, record } = functionOf(parts, request);
    return tasks.get(serviceName, record.functionName, request.params.invocation ?? '');
  };

  const list = (request: FcRequest): FcAnswer => {
    const { serviceName, record } = functionOf(parts, request);
    const status = request.query.get('status');
    const found = tasks
      .list(serviceName, record.functionName)
      .filter((task) => status === null || task.status === status);
    const { items, nextToken } = page(found, (task) => task.invocationId, request.query);
    return { status: 200, json: { invocations: items, nextToken } };
  };

  const stop = (request: FcRequest): FcAnswer => {
    const { serviceName, record } = functionOf(parts, request);
    const id = request.params.invocation ?? '';
    const requestId = tasks.stop(serviceName, record.functionName, id, clock.now());
    if (requestId !== undefined) {
      invoker.stop(requestId);
      parts.queue.tick();
    }
    return { status: 204 };
  };

  const all = { ...shared, pattern: `${FUNCTION}/stateful-async-invocations` };
  const one = { ...shared, pattern: `${all.pattern}/:invocation` };
  return [
    { ...all, method: 'GET', operation: 'ListStatefulAsyncInvocations', handle: list },
    {
      ...one,
      method: 'GET',
      operation: 'GetStatefulAsyncInvocation',
      handle: (request) => ({ status: 200, json: named(request) }),
    },
    { ...one, method: 'PUT', operation: 'StopStatefulAsyncInvocation', handle: stop },
  ];
}
