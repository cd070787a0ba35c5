import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeObjectName,
  isControlKey,
  RunNames,
  runDigits,
} from '../../../core/connectors/oss/object-name.ts';
import { MAX_OBJECT_KEY_BYTES, objectKey, objectKeyFault } from '../../../core/security/object-key.ts';
import { childIdOf, MAX_CHILDREN, shardIdOf } from '../../../core/types/index.ts';

const run = { jobId: 'job', runId: 'job@2024-02-03T04:05:06+08:00' };

describe('output names', () => {
  it('have the shape that DataX users know', () => {
    const names = new RunNames('d/part', '.csv', run);
    expect(names.output('00012', 3, 0)).toMatch(/^d\/part__[0-9a-f]{32}\.csv$/);
    expect(names.output('00012', 3, 2)).toMatch(/^d\/part__[0-9a-f]{16}000c000000000003_2\.csv$/);
  });

  it('say which run, shard, epoch and roll they are', () => {
    fc.assert(
      fc.property(
        fc.record({
          ordinal: fc.nat(9999),
          places: fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 3 }),
        }),
        fc.nat(2 ** 24 - 1),
        fc.nat(50),
        fc.constantFrom('', '.csv', '.gz'),
        (shard, epoch, roll, suffix) => {
          const shardId = shard.places.reduce(
            (parent, place) => childIdOf(parent, epoch, MAX_CHILDREN - place),
            shardIdOf(shard.ordinal),
          );
          const key = new RunNames('a b/中', suffix, run).output(shardId, epoch, roll);
          expect(decodeObjectName('a b/中', suffix, key)).toEqual({
            run: runDigits(run),
            shard,
            epoch,
            roll,
          });
        },
      ),
    );
  });

  it('are told apart from those of other runs and from other keys', () => {
    const names = new RunNames('d/part', '', run);
    const other = new RunNames('d/part', '', { ...run, jobId: 'other' });
    expect(names.isOwn(names.output('00000', 1, 0))).toBe(true);
    expect(names.isOwn(other.output('00000', 1, 0))).toBe(false);
    expect(names.isOwn('d/part__x')).toBe(false);
    expect(names.isOwn('d/partition.csv')).toBe(false);
    expect(names.output('00000', 1, 0).startsWith(names.runPrefix)).toBe(true);
  });

  it('sort as their shards do', () => {
    const names = new RunNames('d/part', '', run);
    const ids = [
      '00000',
      '00000-254e7',
      '00000-254e7-255e1',
      '00000-255e2',
      '00000-255e2-255e1-255e1',
      '00001',
    ];
    expect(ids.toSorted()).toEqual(ids);
    const keys = ids.map((id) => names.output(id, 9, 0));
    expect(keys.toSorted()).toEqual(keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('are not made for what is no shard or no epoch', () => {
    const names = new RunNames('d/part', '', run);
    for (const id of [
      '',
      '0',
      '00000-',
      '00000-000e1',
      '00000-256e1',
      '00000-1e1',
      '00000-001e1-001e1-001e1-001e1',
    ])
      expect(() => names.output(id, 1, 0)).toThrow('cannot be named');
    expect(() => names.output('00000', 2 ** 24, 0)).toThrow('cannot be named');
  });

  it('does not let two job and run ids with the same letters collide', () => {
    expect(runDigits({ jobId: 'a', runId: 'bc' })).not.toBe(runDigits({ jobId: 'ab', runId: 'c' }));
  });

  it('keep the files about a run in a folder beside the output', () => {
    const key = new RunNames('d/part', '.csv', run).control('manifest.json');
    expect(key).toBe(`d/_millrace/part/job_2024-02-03T04_05_06_08_00-${runDigits(run)}/manifest.json`);
    expect(new RunNames('top', '', run).control('x')).toMatch(/^_millrace\/top\//);
    expect(new RunNames('d/', '', run).control('x')).toMatch(/^d\/_millrace\/_\//);
    expect(isControlKey(key)).toBe(true);
    expect(isControlKey('d/_millrace')).toBe(false);
    expect(isControlKey('d/x_millrace/y')).toBe(false);
  });
});

describe('objectKey', () => {
  it.each([
    ['', 'is empty'],
    ['/a', 'begins with a slash'],
    ['a\\b', 'holds a backslash'],
    ['a\nb', 'holds a control character or broken Unicode'],
    ['a\u0085b', 'holds a control character or broken Unicode'],
    ['a\ud800b', 'holds a control character or broken Unicode'],
    ['a//b', 'has an empty segment'],
    ['a/', 'has an empty segment'],
    ['a/../b', 'has a segment `.` or `..`'],
    ['./b', 'has a segment `.` or `..`'],
    ['x'.repeat(MAX_OBJECT_KEY_BYTES + 1), `is longer than ${MAX_OBJECT_KEY_BYTES} bytes`],
    ['中'.repeat(342), `is longer than ${MAX_OBJECT_KEY_BYTES} bytes`],
  ])('refuses %j', (key, fault) => {
    expect(objectKeyFault(key)).toBe(fault);
    expect(() => objectKey('', key)).toThrow(expect.objectContaining({ code: 'SEC-8001' }));
  });

  it('takes what is plain and writes it in NFC', () => {
    expect(objectKey('e\u0301/', 'a..b/.c')).toBe('é/a..b/.c');
    expect(objectKeyFault('x'.repeat(MAX_OBJECT_KEY_BYTES))).toBeUndefined();
  });

  it('refuses a rest that would change the prefix', () => {
    expect(() => objectKey('e', '\u0301x')).toThrow(expect.objectContaining({ code: 'SEC-8001' }));
    expect(() => objectKey('a/b', '/../c')).toThrow(expect.objectContaining({ code: 'SEC-8001' }));
  });
});
