import fc from 'fast-check';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { describe, expect, it } from 'vitest';
import { ByteBuffer } from '../../../../core/formats/byte-buffer.ts';
import { CompactType, CompactWriter } from '../../../../core/formats/parquet/compact-struct.ts';
import { decimalBytes } from '../../../../core/formats/parquet/parquet-column.ts';
import { snappy } from '../../../../core/formats/parquet/snappy.ts';

it('the bytes of decimals are the fewest that hold every number', () => {
  expect([1, 2, 4, 5, 9, 18, 19, 38].map(decimalBytes)).toEqual([1, 1, 2, 3, 4, 8, 9, 16]);
});

describe('compact structs', () => {
  it('are read back by a reader that is not ours', () => {
    const long = Array.from({ length: 20 }, (_, i) => i - 10);
    const out = new CompactWriter()
      .beginItem()
      .i32(1, -7)
      .i64(2, -(2 ** 53) + 1)
      .i64(4, 2 ** 53 - 1)
      .bool(5, true)
      .bool(6, false);
    out.begin(9).i8(1, 64).binary(15, 'häß').end().list(10, CompactType.i32, long.length);
    for (const item of long) out.itemI32(item);
    out
      .list(11, CompactType.struct, 1)
      .beginItem()
      .i32(3, 2 ** 31 - 1)
      .end();
    const bytes = out.end().take();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    expect(deserializeTCompactProtocol({ view, offset: 0 })).toEqual({
      field_1: -7,
      field_2: -9007199254740991n,
      field_4: 9007199254740991n,
      field_5: true,
      field_6: false,
      field_9: { field_1: 64, field_15: new Uint8Array(Buffer.from('häß')) },
      field_10: long,
      field_11: [{ field_3: 2147483647 }],
    });
  });
});

describe('snappy', () => {
  function compressed(raw: Buffer): Buffer {
    const out = new ByteBuffer(16);
    snappy(raw, out);
    return out.take();
  }

  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 4000 }))
      .map(([bytes, times]) => Buffer.concat(new Array(times).fill(bytes))),
  );

  it('is read back by a reader that is not ours', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const raw = Buffer.concat(pieces);
        const stored = compressed(raw);
        const read = new Uint8Array(raw.length);
        if (raw.length > 0) snappyUncompress(stored, read);
        expect(Buffer.from(read).equals(raw)).toBe(true);
        expect(stored.length).toBeLessThanOrEqual(32 + raw.length + raw.length / 6);
      }),
    );
  });

  it('makes repeated text small, also over block borders', () => {
    const raw = Buffer.from('furiously regular deposits sleep carefully. '.repeat(10_000));
    const stored = compressed(raw);
    const read = new Uint8Array(raw.length);
    snappyUncompress(stored, read);
    expect(Buffer.from(read).equals(raw)).toBe(true);
    expect(stored.length).toBeLessThan(raw.length / 15);
  });
});
