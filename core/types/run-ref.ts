/** A run, anywhere. */
export interface RunRef {
  readonly jobId: string;
  readonly runId: string;
}

/** One attempt at one shard of a run. The epoch is the fencing token: it only rises. */
export interface TaskRef extends RunRef {
  readonly shardId: string;
  readonly epoch: number;
}
