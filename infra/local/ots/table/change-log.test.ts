import { expect, test } from 'vitest';
import { CHANGE, ChangeLog } from './change-log.ts';

const change = (i: number, origin = false) => ({
  action: CHANGE.UPDATE,
  micros: 1000 + 10 * i,
  record: Buffer.from(`record ${i}`),
  origin: origin ? Buffer.from(`origin ${i}`) : undefined,
});

const filled = (count: number): ChangeLog => {
  const log = new ChangeLog();
  for (let i = 0; i < count; i++) log.append(change(i, i % 2 === 0));
  return log;
};

test('changes are read in order across chunks', () => {
  const log = filled(3000);
  const read = log.read(1020, 10);
  expect(read.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 10 }, (_, i) => 1020 + i));
  expect(read[5]).toMatchObject({ action: CHANGE.UPDATE, micros: 1000 + 10 * 1025 });
  expect(Buffer.from(read[5]?.record as Uint8Array).toString()).toBe('record 1025');
  expect(read[5]?.origin).toBeUndefined();
  expect(Buffer.from(read[6]?.origin as Uint8Array).toString()).toBe('origin 1026');
  expect(log.read(2999, 10)).toHaveLength(1);
  expect(log.read(3000, 10)).toEqual([]);
});

test('a time leads to the first change at or after it', () => {
  const log = filled(3000);
  expect(log.seek(0)).toBe(0);
  expect(log.seek(1000 + 10 * 2000)).toBe(2000);
  expect(log.seek(1001 + 10 * 2000)).toBe(2001);
  expect(log.seek(1e9)).toBe(3000);
});

test('trimming forgets the past and keeps numbers', () => {
  const log = filled(3000);
  log.trim(1000 + 10 * 2500);
  expect([log.first, log.next]).toEqual([2500, 3000]);
  expect(log.read(0, 1)[0]?.sequence).toBe(2500);
  log.trim(1e9);
  expect([log.first, log.next]).toEqual([3000, 3000]);
  log.append(change(3000));
  expect(log.read(0, 10).map(({ sequence }) => sequence)).toEqual([3000]);
});
