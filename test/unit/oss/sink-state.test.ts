import { describe, expect, it } from 'vitest';
import type { SinkState } from '../../../core/connectors/contract.ts';
import { decodeState, encodeState, expectedObject } from '../../../core/connectors/oss/sink-state.ts';

/** A state as version 1 has stored it; it must stay readable. */
const GOLDEN =
  '{"v":1,"objects":[{"key":"d/part__00","uploadId":"U1","parts":[[1,"AB",4,"9"],[2,"CD",9,"11051210869376104954"]],"bytes":13,"rows":2},{"key":"d/part__01","empty":true}]}';

describe('the state of a sink', () => {
  it('of version 1 is read and written as ever', () => {
    const objects = decodeState(GOLDEN as SinkState);
    expect(encodeState(objects)).toBe(GOLDEN);
  });

  it('says what the objects will be', () => {
    const part = [1, 'AB', 9, '11051210869376104954'] as [number, string, number, string];
    const record = { key: 'k', uploadId: 'U', parts: [part], bytes: 9, rows: 3 };
    expect(expectedObject(record)).toEqual({ key: 'k', size: 9, crc64: 11051210869376104954n, rows: 3 });
    expect(expectedObject({ key: 'k', empty: true })).toEqual({ key: 'k', size: 0, crc64: 0n, rows: 0 });
  });

  it.each([
    '{"v":2,"objects":[]}',
    '{"v":1}',
    'nonsense',
    '{"v":1,"objects":[{"key":"k"}]}',
    '{"v":1,"objects":[{"key":"k","uploadId":"U","parts":[],"bytes":0,"rows":0}]}',
  ])('is refused as %s', (text) => {
    expect(() => decodeState(text as SinkState)).toThrow(expect.objectContaining({ code: 'BUG-9001' }));
  });
});
