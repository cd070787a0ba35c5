import middy from '@middy/core';
import type { Context, Handler } from 'aws-lambda';
import type { z } from 'zod';
import { asSyncError, ConfigError } from '../../core/errors/index.ts';
import type { Logger } from '../../core/ports/index.ts';
import { type Slice, sliceUntil } from '../../core/run/index.ts';
import type { Host } from '../runtime/host.ts';
import { withinLimit } from './time-limit.ts';

/** What an invocation answers. Faults of a run are in its state rows; the platform has nothing to retry. */
export interface Outcome {
  readonly outcome: 'ok' | 'refused' | 'fault';
  readonly code?: string;
}

/** The body of a function: a checked event and the time it has. */
export type Body<E> = (event: E, slice: Slice) => Promise<void>;

/**
 * The chain around every function: check the event, derive the slice, and turn faults into an answer and a log
 * line. Nothing is thrown to the platform: its blind retries would add nothing to the sweeper's.
 */
export function pipeline<E>(
  schema: z.ZodType<E>,
  { clock, log }: Pick<Host, 'clock' | 'log'>,
  body: Body<E>,
): Handler<unknown, Outcome> {
  const handle = async (event: unknown, context: Context): Promise<Outcome> => {
    const limitMs = context.getRemainingTimeInMillis();
    const deadlineMs = clock.nowMs() + limitMs;
    await withinLimit(clock, limitMs, (signal) =>
      body(event as E, sliceUntil(deadlineMs, limitMs, clock, signal)),
    );
    return { outcome: 'ok' };
  };
  // middy's own early timeout is off: one signal for all invocations of a process, on the machine's clock.
  return middy<unknown, Outcome>({ timeoutEarlyInMillis: 0 })
    .before((request) => refuseBadEvent(schema, request, log))
    .onError((request) => {
      const fault = asSyncError(request.error);
      log.error('invocation failed', {
        request: request.context.awsRequestId,
        code: fault.code,
        fault: fault.message,
      });
      request.response = { outcome: fault instanceof ConfigError ? 'refused' : 'fault', code: fault.code };
    })
    .handler(handle) as unknown as Handler<unknown, Outcome>;
}

/** Short-circuits with `refused`: a message that does not fit its contract never reaches the core. */
function refuseBadEvent<E>(
  schema: z.ZodType<E>,
  request: { event: unknown },
  log: Logger,
): Outcome | undefined {
  const parsed = schema.safeParse(request.event);
  if (parsed.success) {
    request.event = parsed.data;
    return undefined;
  }
  log.warn('event refused', { fault: parsed.error.issues[0]?.message });
  return { outcome: 'refused' };
}
