/** One accepted asynchronous invocation. Times are milliseconds of the cloud's clock. */
export interface AsyncEvent {
  readonly requestId: string;
  readonly serviceName: string;
  readonly functionName: string;
  readonly payload: Buffer;
  readonly acceptedAtMs: number;
  /** Not delivered before this. */
  readonly dueAtMs: number;
  /** Task id, when the function tracks its invocations. */
  readonly invocationId?: string;
}

/** One try to run an event, as the rule of faults sees it; `attempt` starts at 1. */
export interface AsyncDelivery {
  readonly functionName: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly payload: Uint8Array;
}

/** What happens to a delivery: `double` runs it twice at once, `drop` loses it without a trace. */
export type AsyncFault = 'deliver' | 'double' | 'drop' | { readonly delayMs: number };

/** Decides the fault of a delivery. Must not throw. */
export type AsyncFaultRule = (delivery: AsyncDelivery) => AsyncFault;
