/** A shard and a channel held by one invocation: renewing, checkpointing and letting go, all under the epoch. */
import { FencedError } from '../errors/index.ts';
import type { Pacer } from '../limits/pacer.ts';
import { checkpointed, type Durable, done, faulted, holds, released } from './decide.ts';
import type { DirtySink } from './dirty-store.ts';
import type { EngineDeps } from './engine.ts';
import type { ChannelRow, DirtyRow, RunRow, ShardRow } from './model.ts';
import { type ChannelKey, change, type ShardKey, type Versioned } from './state.ts';

/** Leases are renewed after this share of their length. */
const RENEW_SHARE = 1 / 3;

/** The channel that an invocation holds. */
export class ChannelHolding {
  readonly #deps: EngineDeps;
  readonly #key: ChannelKey;
  readonly #leaseMs: number;
  #row: Versioned<ChannelRow>;
  #lost = false;

  constructor(deps: EngineDeps, key: ChannelKey, row: Versioned<ChannelRow>, leaseMs: number) {
    this.#deps = deps;
    this.#key = key;
    this.#row = row;
    this.#leaseMs = leaseMs;
  }

  /** Another invocation has taken the channel: nothing may move under this holding any more. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Lease still young enough to leave alone. */
  get fresh(): boolean {
    return this.#row.value.leaseUntilMs - this.#deps.clock.nowMs() > this.#leaseMs * (1 - RENEW_SHARE);
  }

  async renew(pacer: Pacer): Promise<void> {
    await this.#write((row) => ({
      ...row,
      leaseUntilMs: this.#deps.clock.nowMs() + this.#leaseMs,
      paidUntilMs: pacer.paidUntilMs,
    }));
  }

  /**
   * Lets the next invocation have it at once, with the debt to the speed limits; `idle` asks for a part of what others
   * hold. Not ours any more is fine.
   */
  async release(pacer: Pacer, idle: boolean): Promise<void> {
    try {
      const { paidUntilMs } = pacer;
      await this.#write((row) => ({ ...row, owner: '', leaseUntilMs: 0, paidUntilMs, idle }));
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
    }
  }

  async #write(next: (row: ChannelRow) => ChannelRow): Promise<void> {
    const { epoch, owner } = this.#row.value;
    const { result, row } = await change<ChannelKey, ChannelRow, boolean>(
      this.#deps.state.channels,
      this.#key,
      (current) =>
        current.epoch === epoch && current.owner === owner
          ? { result: true, next: next(current) }
          : { result: false },
      this.#row,
    );
    if (!result) {
      this.#lost = true;
      throw new FencedError('the channel has another holder', { channel: this.#key.channel });
    }
    this.#row = row;
  }
}

/** The shard that an invocation holds. */
export class ShardHolding {
  readonly #deps: EngineDeps;
  readonly #key: ShardKey;
  readonly #run: RunRow;
  readonly #epoch: number;
  readonly #owner: string;
  readonly #dirty: DirtySink;
  #row: Versioned<ShardRow>;
  /** Refused rows below this ordinal are kept; whoever keeps rows anew goes on from there. */
  #keptTo = 0;

  constructor(deps: EngineDeps, key: ShardKey, run: RunRow, row: Versioned<ShardRow>, dirty: DirtySink) {
    this.#deps = deps;
    this.#key = key;
    this.#run = run;
    this.#row = row;
    this.#dirty = dirty;
    this.#epoch = row.value.epoch;
    this.#owner = row.value.owner;
  }

  get row(): ShardRow {
    return this.#row.value;
  }

  get fresh(): boolean {
    const { leaseMs } = this.#run.options;
    return this.row.leaseUntilMs - this.#deps.clock.nowMs() > leaseMs * (1 - RENEW_SHARE);
  }

  /** Prolongs the lease. */
  async renew(): Promise<void> {
    await this.#write((row) => ({ ...row, leaseUntilMs: this.#leaseEnd() }));
  }

  /** Gives the rest of the range away: the row becomes the smaller shard and names the new ones, in one write. */
  async narrow(range: string, children: readonly string[]): Promise<void> {
    await this.#write((row) => ({ ...row, range, children: [...(row.children ?? []), ...children] }));
  }

  /** Dirty rows first, then the position that counts them. */
  async checkpoint(durable: Durable, dirty: readonly DirtyRow[]): Promise<void> {
    await this.#keepRest(dirty);
    await this.#write((row) => checkpointed(row, durable, this.#leaseEnd()));
  }

  async complete(durable: Durable, dirty: readonly DirtyRow[]): Promise<void> {
    await this.#keepRest(dirty);
    await this.#write((row) => done(row, durable, this.#deps.clock.nowMs()));
  }

  /** Puts the shard back for anybody, at a position if there is a new one. */
  async release(durable?: Durable, dirty: readonly DirtyRow[] = []): Promise<void> {
    await this.#keepRest(dirty);
    await this.#write((row) => released(durable ? checkpointed(row, durable, 0) : row));
  }

  async fail(error: Parameters<typeof faulted>[1], notBeforeMs: number): Promise<void> {
    await this.#write((row) => faulted(row, error, notBeforeMs));
  }

  /** Keeps refused rows; repeatable, also with other rows: those given last count. */
  async keepDirty(dirty: readonly DirtyRow[]): Promise<void> {
    const last = dirty.at(-1);
    if (last === undefined) return;
    await this.#dirty.keep(dirty);
    this.#keptTo = last.ordinal + 1;
  }

  /** Those that no transaction of the target has had kept already. */
  #keepRest(dirty: readonly DirtyRow[]): Promise<void> {
    return this.keepDirty(dirty.filter((row) => row.ordinal >= this.#keptTo));
  }

  #leaseEnd(): number {
    return this.#deps.clock.nowMs() + this.#run.options.leaseMs;
  }

  async #write(next: (row: ShardRow) => ShardRow): Promise<void> {
    const { result, row } = await change<ShardKey, ShardRow, boolean>(
      this.#deps.state.shards,
      this.#key,
      (current) =>
        holds(current, this.#epoch, this.#owner) ? { result: true, next: next(current) } : { result: false },
      this.#row,
    );
    if (!result) throw new FencedError('the shard has another holder', { shard: this.#key.shardId });
    this.#row = row;
  }
}
