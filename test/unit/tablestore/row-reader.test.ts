import fc from 'fast-check';
import TableStore from 'tablestore';
import { describe, expect, test } from 'vitest';
import {
  crc8,
  INF_MAX,
  INF_MIN,
  type ProtocolFault,
  readKey,
  readRow,
  readRows,
} from '../../../core/tablestore/index.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const PUT_ROW =
  '75000000 01 03 04 02000000 706b 05 06000000 03 01000000 61 0a d4 02 03 04 01000000 63 05 06000000 03 01000000 78 07 0100000000000000 0a 65 09 30';

describe('golden rows', () => {
  test('key and one attribute with a version', () => {
    expect(readRow(hex(PUT_ROW))).toEqual({
      key: [{ name: 'pk', value: 'a' }],
      columns: new Map([['c', 'x']]),
    });
  });

  test('key only, negative integer', () => {
    const bytes = hex('75000000 01 03 04 02000000 706b 05 09000000 00 ffffffffffffffff 0a 88 09 1e');
    expect(readRow(bytes)).toEqual({ key: [{ name: 'pk', value: -1n }], columns: new Map() });
  });

  test('delete marker', () => {
    const bytes = hex('75000000 01 03 04 02000000 706b 05 06000000 03 01000000 61 0a d4 08 09 e9');
    expect(readRow(bytes)?.key).toEqual([{ name: 'pk', value: 'a' }]);
  });

  test('infinities in keys only', () => {
    const cells = hex('01 03 04 01000000 61 05 01000000 09 0a df 03 04 01000000 62 05 01000000 0a 0a e9');
    const rowCrc = crc8(0, Uint8Array.of(0xdf, 0xe9, 0), 0, 3);
    const bytes = Buffer.concat([hex('75000000'), cells, Buffer.from([0x09, rowCrc])]);
    expect(readKey(bytes)).toEqual([
      { name: 'a', value: INF_MIN },
      { name: 'b', value: INF_MAX },
    ]);
    expect(() => readRow(bytes)).toThrow('infinity');
  });

  test('the sequence extension is passed over', () => {
    const plain = hex(PUT_ROW);
    const extension = hex(
      '0b 18000000 0c 13000000 0d 00000000 0e 00401e18240a0600 0f 07000000 f0 02000000 abcd',
    );
    const bytes = Buffer.concat([plain.subarray(0, -2), extension, plain.subarray(-2)]);
    expect(readRow(bytes)).toEqual(readRow(plain));
  });

  test('no bytes are no row', () => {
    expect(readRow(Buffer.alloc(0))).toBeUndefined();
  });
});

describe('damage', () => {
  test('behind a row only zero bytes may follow', () => {
    const good = hex(PUT_ROW);
    expect(readRow(Buffer.concat([good, Buffer.alloc(3)]))).toEqual(readRow(good));
    expect(() => readRow(Buffer.concat([good, Buffer.of(0, 1)]))).toThrow('behind the row');
  });

  test('every single flipped bit is noticed', () => {
    const good = hex(PUT_ROW);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = Buffer.from(good);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => readRow(bad), `bit ${bit}`).toThrow(/ at byte \d+$/);
    }
  });

  test('every cut is noticed', () => {
    const good = hex(PUT_ROW);
    for (let length = 1; length < good.length; length++) {
      expect(() => readRow(good.subarray(0, length)), `${length} bytes`).toThrow();
    }
  });

  test('the fault tells where', () => {
    const bad = hex(PUT_ROW);
    bad[bad.length - 1]! ^= 1;
    const at = (() => {
      try {
        readRow(bad);
        return -1;
      } catch (error) {
        return (error as ProtocolFault).offset;
      }
    })();
    expect(at).toBe(bad.length);
  });
});

describe('against the SDK', () => {
  const sdk = TableStore as unknown as {
    Long: { fromString(text: string): unknown };
    PlainBufferBuilder: { serializeForPutRow(key: object[], cells: object[]): Buffer };
  };
  const long = (v: bigint): unknown => sdk.Long.fromString(v.toString());
  const name = fc.stringMatching(/^[a-z_]{1,20}$/).filter((n) => n !== 'timestamp');
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const value = fc.oneof(int64, text, fc.double(), fc.boolean(), fc.uint8Array({ maxLength: 40 }));
  const forSdk = (v: unknown): unknown => {
    if (typeof v === 'bigint') return long(v);
    return v instanceof Uint8Array ? Buffer.from(v) : v;
  };

  test('whatever its encoder writes is read back', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1, maxLength: 8 }),
        fc.array(value, { minLength: 8, maxLength: 8 }),
        int64,
        (names, values, pk) => {
          const cells = names.map((n, i) => ({ [n]: forSdk(values[i]) }));
          const bytes = sdk.PlainBufferBuilder.serializeForPutRow([{ pk: long(pk) }], cells);
          const [row] = readRows(Buffer.from(bytes));
          expect(row?.key).toEqual([{ name: 'pk', value: pk }]);
          const plain = (v: unknown): unknown => (v instanceof Uint8Array ? [...v] : v);
          expect([...(row?.columns ?? [])].map(([n, v]) => [n, plain(v)])).toEqual(
            names.map((n, i) => [n, plain(values[i])]),
          );
        },
      ),
    );
  });

  test.each([-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, 9007199254740993n])('integer %s', (v) => {
    const bytes = sdk.PlainBufferBuilder.serializeForPutRow([{ pk: long(v) }], [{ c: long(v) }]);
    expect(readRow(Buffer.from(bytes))?.columns.get('c')).toBe(v);
  });
});
