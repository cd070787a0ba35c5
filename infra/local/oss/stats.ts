/** Counters for tests and measurements. */

/** A copy of the counters. */
export interface OssCounts {
  /** Calls by operation name, counted when the signature was verified, whatever the outcome. */
  readonly calls: Readonly<Record<string, number>>;
  /** Bytes of content received by puts, appends and parts. */
  readonly bytesReceived: number;
}

/** The counters of one running service. */
export class OssStats {
  private readonly calls = new Map<string, number>();
  private bytes = 0;

  count(operation: string): void {
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
  }

  addBytes(count: number): void {
    this.bytes += count;
  }

  snapshot(): OssCounts {
    return { calls: Object.fromEntries(this.calls), bytesReceived: this.bytes };
  }
}
