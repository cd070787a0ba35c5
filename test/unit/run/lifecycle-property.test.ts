/** Sequences of decisions by several workers, most of them too late: whatever the order, the invariants hold. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Cursor, SinkState } from '../../../core/connectors/contract.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { zeroCounters } from '../../../core/run/counters.ts';
import {
  checkpointed,
  type Durable,
  decideChannel,
  decideClaim,
  done,
  failed,
  faulted,
  holds,
  released,
} from '../../../core/run/decide.ts';
import { isTerminal, type RunRow, type RunState, type ShardRow } from '../../../core/run/model.ts';
import { newShard } from '../../../core/run/shards.ts';
import { freeChannel } from '../../../core/run/work.ts';

const LEASE_MS = 100;
const MAX_ATTEMPTS = 4;
const WORKERS = ['ada', 'bob', 'eve'] as const;

/** A worker and what it knows: the epoch of its last claim, which may be long over. */
interface Memory {
  epoch: number;
  read: number;
}

const fault = (kind: 'throttled' | 'transient' | 'unknown') => new SyncError('SRC-2001', kind, 'cut');

const command = fc.record({
  who: fc.constantFrom(...WORKERS),
  afterMs: fc.integer({ min: 0, max: 2 * LEASE_MS }),
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constant('claim' as const) },
    fc.constantFrom('renew', 'checkpoint', 'release', 'fail', 'complete'),
  ),
  rows: fc.nat(5),
  kind: fc.constantFrom('throttled', 'transient', 'unknown'),
});
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

const durableAt = (read: number): Durable => ({
  cursor: String(read) as Cursor,
  sink: `s${read}` as SinkState,
  counters: { ...zeroCounters, read, written: read },
});

/** The row that a holder would write next. */
function written(row: ShardRow, { what, kind }: Command, durable: Durable, nowMs: number): ShardRow {
  if (what === 'renew') return { ...row, leaseUntilMs: nowMs + LEASE_MS };
  if (what === 'checkpoint') return checkpointed(row, durable, nowMs + LEASE_MS);
  if (what === 'release') return released(checkpointed(row, durable, 0));
  if (what === 'fail') return faulted(row, fault(kind), nowMs + 50);
  return done(row, durable, nowMs);
}

/** What may never happen between a row and the one after it. */
function compare(before: ShardRow, after: ShardRow, claimed: boolean, nowMs: number): void {
  expect(after.epoch).toBe(claimed ? before.epoch + 1 : before.epoch);
  expect(before.state).not.toBe('DONE');
  expect(after.counters.read).toBeGreaterThanOrEqual(before.counters.read);
  expect(after.retries).toBeGreaterThanOrEqual(before.retries);
  expect(after.outputEpoch).toBeGreaterThanOrEqual(before.outputEpoch);
  expect(after.outputEpoch).toBeLessThanOrEqual(after.epoch);
  expect(after.attempts).toBeLessThanOrEqual(MAX_ATTEMPTS);
  expect(after.owner !== '').toBe(after.state === 'LEASED');
  expect(after.doneMs !== undefined).toBe(after.state === 'DONE');
  expect(after.cursor === undefined).toBe(after.outputEpoch === 0);
  expect(after.cursor ?? '0').toBe(String(after.counters.read));
  if (after.state !== 'LEASED') expect(after.leaseUntilMs).toBe(0);
  if (claimed && before.state === 'LEASED') expect(nowMs).toBeGreaterThanOrEqual(before.leaseUntilMs);
  if (claimed && before.state === 'PENDING') expect(nowMs).toBeGreaterThanOrEqual(before.notBeforeMs);
}

it('a shard keeps its invariants through any sequence of claims and writes of late and live workers', () => {
  let finished = 0;
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60, size: 'max' }), (commands) => {
      let row = newShard({ shardId: '0', range: '' });
      let nowMs = 1000;
      const memory = new Map<string, Memory>();
      for (const each of commands) {
        nowMs += each.afterMs;
        if (each.what === 'claim') {
          const claim = decideClaim(row, { owner: each.who, nowMs, leaseMs: LEASE_MS }, MAX_ATTEMPTS);
          if (!('next' in claim)) continue;
          compare(row, claim.next, true, nowMs);
          row = claim.next;
          memory.set(each.who, { epoch: row.epoch, read: row.counters.read });
          continue;
        }
        const known = memory.get(each.who);
        if (!known) continue;
        const newest = row.state === 'LEASED' && row.epoch === known.epoch;
        expect(holds(row, known.epoch, each.who)).toBe(newest);
        if (!newest) continue;
        if (each.what !== 'renew' && each.what !== 'fail') known.read += each.rows;
        const next = written(row, each, durableAt(known.read), nowMs);
        compare(row, next, false, nowMs);
        row = next;
      }
      if (row.state === 'DONE') finished++;
    }),
    { numRuns: 500 },
  );
  expect(finished).toBeGreaterThan(20);
});

it('a channel has one holder at a time, and its epoch counts them', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      let row = freeChannel(3);
      let nowMs = 1000;
      let claims = 0;
      for (const { who, afterMs } of commands) {
        nowMs += afterMs;
        const live = row.owner !== '' && nowMs < row.leaseUntilMs;
        const claim = decideChannel(row, { owner: who, nowMs, leaseMs: LEASE_MS });
        expect(claim.result).toBe(live ? 'held' : 'claimed');
        if (!('next' in claim)) continue;
        expect(claim.next).toMatchObject({
          channel: 3,
          owner: who,
          leaseUntilMs: nowMs + LEASE_MS,
          paidUntilMs: 0,
        });
        row = claim.next;
        expect(row.epoch).toBe(++claims);
      }
    }),
  );
});

it('a run fails once, keeps the first failure, and changes nothing else', () => {
  const states: readonly RunState[] = [
    'PLANNING',
    'RUNNING',
    'COMMITTING',
    'SUCCEEDED',
    'FAILED',
    'CANCELED',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...states), fc.nat(), fc.nat(), (state, nowMs, laterMs) => {
      const run = { jobId: 'j', runId: 'r', state, drivenUntilMs: 7 } as RunRow;
      const first = failed(run, { code: 'RUN-5002', message: 'first' }, nowMs);
      expect(first.result).toBe(!isTerminal(state));
      if (!('next' in first)) return;
      expect(first.next).toEqual({
        ...run,
        state: 'FAILED',
        endedMs: nowMs,
        failure: { code: 'RUN-5002', message: 'first' },
      });
      expect(failed(first.next, { code: 'RUN-5006', message: 'second' }, laterMs)).toEqual({ result: false });
    }),
  );
});
