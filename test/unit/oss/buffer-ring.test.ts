import { expect, it } from 'vitest';
import { BufferRing } from '../../../core/connectors/oss/buffer-ring.ts';

it('buffers go around', () => {
  const ring = new BufferRing(100);
  const first = ring.take();
  expect(first).toHaveLength(100);
  const second = ring.take();
  expect(second.buffer).not.toBe(first.buffer);
  ring.give(first.subarray(0, 7));
  const again = ring.take();
  expect(again.buffer).toBe(first.buffer);
  expect(again).toHaveLength(100);
});

it('only buffers of this size come back, and only a few', () => {
  const ring = new BufferRing(100);
  ring.give(Buffer.alloc(99));
  ring.give(Buffer.from('a small one out of the pool'));
  expect(new Set(Array.from({ length: 9 }, () => ring.take().buffer)).size).toBe(9);
  const many = Array.from({ length: 9 }, () => Buffer.alloc(100));
  for (const buffer of many) ring.give(buffer);
  const taken = Array.from({ length: 9 }, () => ring.take().buffer);
  expect(taken.filter((buffer) => many.some((one) => one.buffer === buffer))).toHaveLength(4);
  ring.give(many[0]!);
  ring.clear();
  expect(ring.take().buffer).not.toBe(many[0]!.buffer);
});
