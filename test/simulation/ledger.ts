/** What each lineage of runs cost: calls, claims, invocations, and the trouble that pays for repeats. */
import type { FunctionName } from '../../core/ports/index.ts';

/** Where a call goes. */
export type Side = 'state' | 'source' | 'target' | 'functions';

/** The costs of one lineage. */
export class Account {
  /** Calls begun, repeats included. */
  readonly calls: Record<Side, number> = { state: 0, source: 0, target: 0, functions: 0 };
  readonly invocations: Record<FunctionName, number> = {
    orchestrator: 0,
    worker: 0,
    finalizer: 0,
    sweeper: 0,
  };
  /** Commands of the person. */
  commands = 0;
  /** Things that went wrong: calls, instances, clocks, conditional writes that came second. */
  troubles = 0;
  /** Shard rows inserted, those of plans that were not sealed and of successors included. */
  shards = 0;
  /** Shards of failed runs that were closed when another took them over. */
  closed = 0;
  /** Times that somebody set out to plan. */
  plans = 0;
  claims = 0;
  /** Writes of holders that store a new position or output. */
  positions = 0;
  /** Parts that arrived, and commits that began. */
  parts = 0;
  commits = 0;
  /** Batches handed out by the source. */
  batches = 0;
  /** Requests beyond the first that listing rows took. */
  pages = 0;
  /** Shards made of the rest of others. */
  pieces = 0;
  /** Messages from a worker to a worker. */
  chains = 0;
  /** Dirty rows stored, repeated ones included. */
  dirtyRows = 0;
  /** Time for which its shards were held, all together. */
  heldMs = 0;
  /** Since when, and until when, a run of it was RUNNING. */
  runningFromMs: number | undefined;
  runningUntilMs = 0;
}

/** All accounts of an installation. */
export class Ledger {
  readonly #accounts = new Map<string, Account>();

  of(lineage: string): Account {
    const account = this.#accounts.get(lineage) ?? new Account();
    this.#accounts.set(lineage, account);
    return account;
  }

  /** The account of whoever works for one lineage; work for all of them, such as sweeping, is on none. */
  maybe(lineage: string | undefined): Account | undefined {
    return lineage === undefined ? undefined : this.of(lineage);
  }
}
