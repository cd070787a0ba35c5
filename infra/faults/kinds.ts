/** What each kind of fault is in the words of each service. */
import type { Fault } from '../local/service.ts';
import type { ServiceName } from './operations.ts';
import type { FaultName } from './spec.ts';

/** Pause before each byte of a slow answer, milliseconds. */
export const SLOW_MS_PER_BYTE = 1_000;

type Refusal = readonly [status: number, code: string, message: string];

const BUSY: Readonly<Record<ServiceName, Refusal>> = {
  ots: [503, 'OTSServerBusy', 'Server is busy.'],
  oss: [503, 'ServiceUnavailable', 'Please try again later.'],
  fc: [429, 'ResourceThrottled', 'Reserve resource exceeded limit.'],
};

const ERROR: Readonly<Record<ServiceName, Refusal>> = {
  ots: [500, 'OTSInternalServerError', 'Internal server error.'],
  oss: [500, 'InternalError', 'We encountered an internal error. Please try again.'],
  fc: [500, 'InternalServerError', 'An internal error has occurred. Please retry.'],
};

/** The fault to apply. */
export function faultOf(name: FaultName, service: ServiceName, delayMs: number): Fault {
  switch (name) {
    case 'busy':
      return refuse(BUSY[service]);
    case 'error':
      return refuse(ERROR[service]);
    case 'reset':
      return { kind: 'reset' };
    case 'lost':
      return { kind: 'lose-answer' };
    case 'delay':
      return { kind: 'delay', ms: delayMs };
    case 'hang':
      return { kind: 'hang' };
    case 'slow':
      return { kind: 'slow-answer', msPerByte: SLOW_MS_PER_BYTE };
    default:
      return name satisfies never;
  }
}

const refuse = ([status, code, message]: Refusal): Fault => ({ kind: 'refuse', status, code, message });
