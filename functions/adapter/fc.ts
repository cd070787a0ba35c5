import type { Context, Handler } from 'aws-lambda';
import type { Clock } from '../../core/ports/index.ts';

/** What Function Compute passes as the context (its documented fields). */
export interface FcContext {
  readonly requestId: string;
  readonly region: string;
  readonly accountId: string;
  readonly function: { readonly name: string; readonly memory: number; readonly timeout: number };
  readonly service: { readonly name: string; readonly qualifier?: string };
}

/** A handler as Function Compute calls it: the event is the raw body. */
export type FcHandler = (event: Uint8Array, context: FcContext) => Promise<unknown>;

const MS_PER_SECOND = 1000;

/** Runs a neutral handler on Function Compute: bytes become JSON, the context gets a remaining time. */
export function fcHandler(handler: Handler, clock: Clock): FcHandler {
  return async (event, context) => {
    const endsMs = clock.monotonicMs() + context.function.timeout * MS_PER_SECOND;
    const remainingMs = (): number => endsMs - clock.monotonicMs();
    return handler(parseEvent(event), lambdaContext(context, remainingMs), () => undefined);
  };
}

/** An empty body is an empty event; anything that is not JSON is passed on as text and refused by its contract. */
function parseEvent(event: Uint8Array): unknown {
  const text = Buffer.from(event).toString('utf8');
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The platform's clock for the invocation started a little earlier than ours; slices keep a margin for it. */
const lambdaContext = (context: FcContext, remainingMs: () => number): Context => ({
  awsRequestId: context.requestId,
  functionName: context.function.name,
  functionVersion: context.service.qualifier ?? 'LATEST',
  invokedFunctionArn: `acs:fc:${context.region}:${context.accountId}:services/${context.service.name}/functions/${context.function.name}`,
  memoryLimitInMB: String(context.function.memory),
  callbackWaitsForEmptyEventLoop: false,
  logGroupName: '',
  logStreamName: '',
  getRemainingTimeInMillis: remainingMs,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
});
