import { randomUUID } from 'node:crypto';
import { invalidArgument } from '../http/error.ts';
import { MAX_ASYNC_PAYLOAD_BYTES } from '../limits.ts';
import type { Outcome } from '../runtime/outcome.ts';
import type { AsyncEvent } from './event.ts';

/** `acs:fc:{region}:{account}:services/{service}[.{qualifier}]/functions/{function}` */
const FUNCTION_ARN =
  /^acs:fc:[^:]*:[^:]*:services\/([A-Za-z0-9_-]+)(?:\.LATEST)?\/functions\/([A-Za-z0-9_-]+)$/;

/** The function a destination names; other kinds of destination are refused. */
export function parseDestination(arn: string): { serviceName: string; functionName: string } {
  const match = FUNCTION_ARN.exec(arn);
  if (!match?.[1] || !match[2]) {
    throw invalidArgument(`destination '${arn}' is not a function of this service`);
  }
  return { serviceName: match[1], functionName: match[2] };
}

/** Facts of a finished event that go into the record for its destination. */
export interface EndingFacts {
  readonly condition: string;
  readonly attempts: number;
  readonly outcome: Outcome | undefined;
  readonly nowMs: number;
}

/** The event that tells a destination how another event ended. */
export function destinationOf(arn: string, event: AsyncEvent, facts: EndingFacts): AsyncEvent {
  const { outcome } = facts;
  const record = {
    timestamp: new Date(facts.nowMs).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: `services/${event.serviceName}.LATEST/functions/${event.functionName}`,
      condition: facts.condition,
      approximateInvokeCount: facts.attempts,
    },
    requestPayload: event.payload.toString('utf8'),
    responseContext: { statusCode: 200, functionError: outcome?.failure ?? '' },
    responsePayload: outcome?.body.toString('utf8') ?? '',
  };
  let payload = Buffer.from(JSON.stringify(record));
  if (payload.length > MAX_ASYNC_PAYLOAD_BYTES) {
    // The record of a large event still has to fit: the payloads are the only unbounded parts.
    payload = Buffer.from(
      JSON.stringify({ ...record, requestPayload: '', responsePayload: '', payloadsOmitted: true }),
    );
  }
  return {
    ...parseDestination(arn),
    requestId: randomUUID(),
    payload,
    acceptedAtMs: facts.nowMs,
    dueAtMs: facts.nowMs,
  };
}
