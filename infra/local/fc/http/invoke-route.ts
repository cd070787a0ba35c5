import { MAX_ASYNC_DELAY_SECONDS, MAX_ASYNC_PAYLOAD_BYTES, MAX_SYNC_PAYLOAD_BYTES } from '../limits.ts';
import type { FunctionEntry } from '../model/records.ts';
import { errorTypeOf, megabytes, type Outcome } from '../runtime/outcome.ts';
import { FcError, invalidArgument } from './error.ts';
import { functionOf } from './function-routes.ts';
import type { RouteParts } from './parts.ts';
import { type FcAnswer, type FcRequest, headerOf, type Route } from './request.ts';

const TASK_HEADER = 'x-fc-stateful-async-invocation-id';
const TASK_ID = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;

function choice(request: FcRequest, name: string, values: readonly [string, string]): string {
  const given = headerOf(request.headers, name) ?? values[0];
  const found = values.find((value) => value.toLowerCase() === given.toLowerCase());
  if (found === undefined) throw invalidArgument(`${name} must be ${values.join(' or ')}`);
  return found;
}

function delayMs(request: FcRequest): number {
  const text = headerOf(request.headers, 'x-fc-async-delay');
  if (text === undefined) return 0;
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds <= 0 || seconds >= MAX_ASYNC_DELAY_SECONDS) {
    throw invalidArgument(`x-fc-async-delay must be between 0 and ${MAX_ASYNC_DELAY_SECONDS} seconds`);
  }
  return seconds * 1_000;
}

/** The task id counts only where invocations are tracked; without one, the request id serves. */
function taskId(request: FcRequest, entry: FunctionEntry): string | undefined {
  const given = headerOf(request.headers, TASK_HEADER);
  if (given !== undefined && !TASK_ID.test(given)) {
    throw invalidArgument(`${TASK_HEADER} must match [A-Za-z_][A-Za-z0-9_-]{0,127}`);
  }
  return entry.asyncConfig?.statefulInvocation ? (given ?? request.requestId) : undefined;
}

function logText(request: FcRequest, entry: FunctionEntry, outcome: Outcome): string {
  const { requestId } = request;
  const duration = `${outcome.durationMs.toFixed(2)} ms`;
  return [
    `FC Invoke Start RequestId: ${requestId}`,
    ...(outcome.logTail === '' ? [] : [outcome.logTail.replace(/\n$/, '')]),
    `FC Invoke End RequestId: ${requestId}`,
    '',
    `Duration: ${duration}, Memory Size: ${entry.record.memorySize} MB, Max Memory Used: ${megabytes(outcome.maxMemoryBytes)}`,
  ].join('\n');
}

/** The route that runs functions. */
export function invokeRoute(parts: RouteParts): Route {
  const invokeSync = async (request: FcRequest, entry: FunctionEntry): Promise<FcAnswer> => {
    const tail = choice(request, 'x-fc-log-type', ['None', 'Tail']) === 'Tail';
    parts.counters.add('syncInvocations');
    const outcome = await parts.invoker.execute(entry.serviceName, entry.record.functionName, {
      requestId: request.requestId,
      event: request.body,
    });
    return {
      status: 200,
      headers: {
        'x-fc-code-checksum': entry.record.codeChecksum,
        'x-fc-invocation-duration': outcome.durationMs.toFixed(0),
        ...(tail
          ? { 'x-fc-log-result': Buffer.from(logText(request, entry, outcome)).toString('base64') }
          : {}),
        ...(outcome.failure ? { 'x-fc-error-type': errorTypeOf(outcome.failure) } : {}),
        'content-type': outcome.failure ? 'application/json' : 'application/octet-stream',
      },
      bytes: outcome.body,
    };
  };

  const invokeAsync = async (request: FcRequest, entry: FunctionEntry): Promise<FcAnswer> => {
    if (request.body.length > MAX_ASYNC_PAYLOAD_BYTES) {
      throw new FcError(
        413,
        'RequestEntityTooLarge',
        `an asynchronous event has at most ${MAX_ASYNC_PAYLOAD_BYTES} bytes`,
      );
    }
    const invocationId = taskId(request, entry);
    const acceptedAtMs = parts.clock.now();
    await parts.queue.accept({
      requestId: request.requestId,
      serviceName: entry.serviceName,
      functionName: entry.record.functionName,
      payload: request.body,
      acceptedAtMs,
      dueAtMs: acceptedAtMs + delayMs(request),
      ...(invocationId === undefined ? {} : { invocationId }),
    });
    return { status: 202, headers: invocationId === undefined ? {} : { [TASK_HEADER]: invocationId } };
  };

  return {
    method: 'POST',
    pattern: '/services/:service/functions/:function/invocations',
    operation: 'InvokeFunction',
    faultKey: 'function',
    maxBodyBytes: MAX_SYNC_PAYLOAD_BYTES,
    handle: (request) => {
      const entry = functionOf(parts, request);
      const asynchronous = choice(request, 'x-fc-invocation-type', ['Sync', 'Async']) === 'Async';
      return asynchronous ? invokeAsync(request, entry) : invokeSync(request, entry);
    },
  };
}
