/** What the service has done since it started. */
export interface FcStats {
  readonly syncInvocations: number;
  readonly asyncInvocations: number;
  /** Executions of asynchronous events beyond the first. */
  readonly retries: number;
  /** Requests and deliveries that found no free instance. */
  readonly throttles: number;
  readonly timeouts: number;
  readonly oomKills: number;
  readonly coldStarts: number;
  /** Largest number of requests at work at one moment, by function name. */
  readonly maxConcurrent: Readonly<Record<string, number>>;
}

type Count = Exclude<keyof FcStats, 'maxConcurrent'>;

/** Mutable counters behind `stats()`. */
export class Counters {
  private readonly counts: Record<Count, number> = {
    syncInvocations: 0,
    asyncInvocations: 0,
    retries: 0,
    throttles: 0,
    timeouts: 0,
    oomKills: 0,
    coldStarts: 0,
  };
  private readonly busy = new Map<string, number>();
  private readonly peak = new Map<string, number>();

  add(name: Count): void {
    this.counts[name] += 1;
  }

  /** A request of the function began. */
  enter(functionName: string): void {
    const now = (this.busy.get(functionName) ?? 0) + 1;
    this.busy.set(functionName, now);
    this.peak.set(functionName, Math.max(now, this.peak.get(functionName) ?? 0));
  }

  /** A request of the function ended. */
  leave(functionName: string): void {
    this.busy.set(functionName, (this.busy.get(functionName) ?? 1) - 1);
  }

  read(): FcStats {
    return { ...this.counts, maxConcurrent: Object.fromEntries(this.peak) };
  }
}
