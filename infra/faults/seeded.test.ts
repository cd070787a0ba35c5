import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault, FaultPoint } from '../local/service.ts';
import { decide, firstFault, seededFaults, WINDOW_CALLS } from './seeded.ts';
import { KINDS, parseFaultSpec } from './spec.ts';

const row = (key: string): FaultPoint => ({ service: 'ots', operation: 'PutRow', key });
const half = (seed: number) => parseFaultSpec(`seed=${seed},rate=0.5`);
const KEYS = 20_000;
/** Names decided for the first call on each of many keys. */
const first = (spec: string): (string | undefined)[] => {
  const profile = parseFaultSpec(spec);
  return Array.from({ length: KEYS }, (_, i) => decide(profile, row(`t/${i}`), 0));
};
const share = (values: readonly unknown[]): number => values.filter(Boolean).length / values.length;

describe('decisions', () => {
  test('of a key do not depend on when other keys are called', () => {
    const calls = fc.array(fc.constantFrom('a', 'b', 'c', 'a b', ''), { maxLength: 200 });
    fc.assert(
      fc.property(fc.nat(), calls, (seed, keys) => {
        const rule = seededFaults(half(seed));
        const seen = new Map<string, (Fault | undefined)[]>();
        for (const key of keys) seen.set(key, [...(seen.get(key) ?? []), rule(row(key))]);
        for (const [key, faults] of seen) {
          const alone = seededFaults(half(seed));
          expect(faults.map(() => alone(row(key)))).toEqual(faults);
        }
      }),
    );
  });

  test('are the same in every version: programs may quote a seed', () => {
    const profile = parseFaultSpec('seed=7,rate=0.5');
    const names = Array.from({ length: 12 }, (_, ordinal) => decide(profile, row('t/1'), ordinal));
    expect(names).toMatchInlineSnapshot(`
      [
        "delay",
        "reset",
        undefined,
        "reset",
        undefined,
        "reset",
        "delay",
        "error",
        "lost",
        "busy",
        undefined,
        undefined,
      ]
    `);
  });

  test('differ between seeds, operations, services and ordinals', () => {
    const names = (seed: number, point: Partial<FaultPoint>, from: number) =>
      Array.from({ length: 64 }, (_, i) => decide(half(seed), { ...row('k'), ...point }, from + i)).join();
    const all = [
      names(1, {}, 0),
      names(2, {}, 0),
      names(1, { operation: 'GetRow' }, 0),
      names(1, { service: 'oss' }, 0),
      names(1, { key: 'l' }, 0),
      names(1, {}, 64),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test.each([0, 0.01, 0.1, 0.5, 1])('hit a share of %d', (rate) => {
    // Five standard deviations of a binomial share over this many keys.
    const tolerance = 5 * Math.sqrt((rate * (1 - rate)) / KEYS);
    const hit = share(first(`seed=3,rate=${rate}`));
    expect(Math.abs(hit - rate)).toBeLessThanOrEqual(tolerance);
  });

  test('choose evenly among the kinds', () => {
    const names = first(`seed=4,rate=1,kinds=${KINDS.join('+')}`);
    for (const kind of KINDS) {
      const part = names.filter((name) => name === kind).length / KEYS;
      expect(Math.abs(part - 1 / KINDS.length)).toBeLessThan(0.015);
    }
  });

  test('come in windows under `burst`', () => {
    const profile = parseFaultSpec('seed=5,rate=0.3,burst=50%');
    const windows = Array.from({ length: 2_000 }, (_, window) =>
      share(
        Array.from({ length: WINDOW_CALLS }, (_, i) => decide(profile, row('k'), window * WINDOW_CALLS + i)),
      ),
    );
    const bad = windows.filter((faulty) => faulty > 0);
    expect(Math.abs(bad.length / windows.length - 0.3)).toBeLessThan(0.05);
    expect(Math.abs(bad.reduce((sum, faulty) => sum + faulty, 0) / bad.length - 0.5)).toBeLessThan(0.03);
  });
});

describe('a rule', () => {
  test('concerns the chosen services, operations and keys only', () => {
    const rule = seededFaults(
      parseFaultSpec('seed=1,rate=1,services=ots+oss,ops=PutRow+PutObject,keys=orders'),
    );
    expect(rule(row('orders/00'))).toBeDefined();
    expect(rule({ service: 'oss', operation: 'PutObject', key: 'a/orders' })).toBeDefined();
    expect(rule(row('users/00'))).toBeUndefined();
    expect(rule({ ...row('orders/00'), operation: 'GetRow' })).toBeUndefined();
    expect(rule({ service: 'fc', operation: 'InvokeFunction', key: 'orders' })).toBeUndefined();
  });

  test('leaves the deployment of functions alone unless it is named', () => {
    const point: FaultPoint = { service: 'fc', operation: 'CreateFunction', key: 'worker' };
    expect(seededFaults(parseFaultSpec('seed=1,rate=1'))(point)).toBeUndefined();
    expect(seededFaults(parseFaultSpec('seed=1,rate=1,ops=CreateFunction'))(point)).toBeDefined();
  });

  test.each([
    ['busy', 'ots', { kind: 'refuse', status: 503, code: 'OTSServerBusy' }],
    ['busy', 'oss', { kind: 'refuse', status: 503, code: 'ServiceUnavailable' }],
    ['busy', 'fc', { kind: 'refuse', status: 429, code: 'ResourceThrottled' }],
    ['error', 'ots', { kind: 'refuse', status: 500, code: 'OTSInternalServerError' }],
    ['error', 'oss', { kind: 'refuse', status: 500, code: 'InternalError' }],
    ['error', 'fc', { kind: 'refuse', status: 500, code: 'InternalServerError' }],
    ['reset', 'ots', { kind: 'reset' }],
    ['lost', 'oss', { kind: 'lose-answer' }],
    ['delay', 'fc', { kind: 'delay', ms: 9 }],
    ['hang', 'ots', { kind: 'hang' }],
    ['slow', 'oss', { kind: 'slow-answer', msPerByte: 1_000 }],
  ] as const)('speaks %s as %s does', (kind, service, fault) => {
    const rule = seededFaults(parseFaultSpec(`seed=1,rate=1,kinds=${kind},delay=9`));
    const operation = { ots: 'PutRow', oss: 'PutObject', fc: 'InvokeFunction' }[service];
    expect(rule({ service, operation, key: 'k' })).toMatchObject(fault);
  });

  test('tells every decision, with what led to it', () => {
    const told: unknown[] = [];
    const rule = seededFaults(parseFaultSpec('seed=8,rate=1,kinds=reset'), (decision) => told.push(decision));
    rule(row('k'));
    rule(row('l'));
    rule(row('k'));
    const common = { service: 'ots', operation: 'PutRow', seed: 8, name: 'reset' };
    expect(told).toEqual([
      { ...common, key: 'k', ordinal: 0 },
      { ...common, key: 'l', ordinal: 0 },
      { ...common, key: 'k', ordinal: 1 },
    ]);
  });

  test('stands beside others: the first fault wins, all count the call', () => {
    const second = seededFaults(half(2));
    const rule = firstFault([seededFaults(parseFaultSpec('seed=1,rate=1,kinds=reset,ops=GetRow')), second]);
    expect(rule({ ...row('k'), operation: 'GetRow' })).toEqual({ kind: 'reset' });
    const rest = Array.from({ length: 30 }, () => rule(row('k')));
    const alone = seededFaults(half(2));
    expect(rest).toEqual(rest.map(() => alone(row('k'))));
  });
});
