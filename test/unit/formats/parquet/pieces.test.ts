import fc from 'fast-check';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { describe, expect, it } from 'vitest';
import { ByteBuffer } from '../../../../core/formats/byte-buffer.ts';
import { CivilNumber, NO_MOMENT, readDate } from '../../../../core/formats/parquet/civil-number.ts';
import { CompactType, CompactWriter } from '../../../../core/formats/parquet/compact-struct.ts';
import { DecimalNumber } from '../../../../core/formats/parquet/decimal-number.ts';
import { decimalBytes } from '../../../../core/formats/parquet/parquet-column.ts';
import { bitWidth, writeRunLengths } from '../../../../core/formats/parquet/run-length.ts';
import { SnappyCompressor } from '../../../../core/formats/parquet/snappy.ts';
import { Words } from '../../../../core/formats/parquet/words.ts';

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

const signed = ({ low, high }: Words): bigint => (BigInt(high) << 32n) + BigInt(low >>> 0);
const unsigned = (words: Words): bigint => BigInt.asUintN(64, signed(words));
const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('words', () => {
  const extremes = [
    0n,
    1n,
    -1n,
    999_999_999n,
    10n ** 9n,
    2n ** 31n,
    -(2n ** 31n),
    2n ** 32n,
    2n ** 53n,
    HIGHEST,
    LOWEST,
  ];

  it('read every signed integer', () => {
    const words = new Words();
    const check = (value: bigint): void => {
      const text = ascii(`x${value}y`);
      expect(words.setSigned(text, 1, text.length - 1)).toBe(true);
      expect(signed(words)).toBe(value);
    };
    for (const value of extremes) check(value);
    fc.assert(fc.property(fc.bigInt({ min: LOWEST, max: HIGHEST }), check));
  });

  it('read every unsigned integer', () => {
    const words = new Words();
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(words.setDigits(ascii(String(value)), 0, String(value).length)).toBe(true);
        expect(unsigned(words)).toBe(value);
      }),
    );
  });

  it.each([
    '9223372036854775808',
    '-9223372036854775809',
    '18446744073709551616',
    '',
    '-',
    '1.0',
    '1e3',
    ' 1',
    '0x1',
    '--1',
    '99999999999999999999',
  ])('refuse %j as a signed integer', (text) => {
    expect(new Words().setSigned(ascii(text), 0, text.length)).toBe(false);
  });

  it('multiply exactly or say that it is too much', () => {
    const words = new Words();
    const factors = fc.constantFrom(1000, 1_000_000, 1_000_000_000);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 38 - 1 }),
        factors,
        fc.integer({ min: 0, max: 10 ** 9 }),
        (top, factor, add) => {
          const exact = BigInt(top) * BigInt(factor) + BigInt(add);
          expect(words.setProduct(top, factor, add)).toBe(exact < 2n ** 64n);
          if (exact < 2n ** 64n) expect(unsigned(words)).toBe(exact);
        },
      ),
    );
  });
});

describe('decimals', () => {
  const decimal = fc.tuple(fc.integer({ min: 1, max: 38 }), fc.nat()).chain(([precision, seed]) =>
    fc.record({
      precision: fc.constant(precision),
      scale: fc.constant(seed % (precision + 1)),
      unscaled: fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n }),
    }),
  );

  it('are stored as their unscaled integers', () => {
    fc.assert(
      fc.property(decimal, ({ precision, scale, unscaled }) => {
        const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
        const whole = digits.slice(0, digits.length - scale);
        const text = `${unscaled < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`;
        const number = new DecimalNumber(precision, scale);
        expect(number.read(ascii(text), 0, text.length)).toBe(true);
        const length = decimalBytes(precision);
        const bytes = Buffer.alloc(length);
        number.write(bytes, 0, length);
        expect(BigInt.asIntN(8 * length, BigInt(`0x${bytes.toString('hex')}`))).toBe(unscaled);
      }),
    );
  });

  it.each(['', '-', '.', '1.', '.5', '1.234', '123456.00', '1e2', 'NaN', '1.2.3', '+1', '1,5'])(
    'refuse %j as decimal(7,2)',
    (text) => {
      expect(new DecimalNumber(7, 2).read(ascii(text), 0, text.length)).toBe(false);
    },
  );

  it('take the fewest bytes that hold every number', () => {
    expect([1, 2, 4, 5, 9, 18, 19, 38].map(decimalBytes)).toEqual([1, 1, 2, 3, 4, 8, 9, 16]);
  });
});

describe('dates and times', () => {
  const iso = (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10);

  it('count the days of every date from 0000 to 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (days) => {
        expect(readDate(ascii(iso(days)), 0, 10)).toBe(days);
      }),
    );
  });

  it.each(['0000-00-00', '2023-02-29', '2024-13-01', '2024-1-01', '2024/01/01', '12024-01-01', '2024-01-0'])(
    'refuse the date %j',
    (text) => {
      expect(readDate(ascii(text), 0, text.length)).toBe(NO_MOMENT);
    },
  );

  it('count seconds and units of every moment', () => {
    const moment = new CivilNumber();
    fc.assert(
      fc.property(
        fc.integer({ min: -719_528 * 86_400, max: 2_932_896 * 86_400 }),
        fc.stringMatching(/^\d{1,6}$/),
        (seconds, fraction) => {
          const text = `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${fraction}`;
          expect(moment.readDatetime(ascii(text), 0, text.length, 6)).toBe(true);
          expect(moment).toMatchObject({ seconds, units: Number(fraction.padEnd(6, '0')) });
        },
      ),
    );
  });

  it.each([
    '24:00:00',
    '23:60:00',
    '23:59:60',
    '1:00:00',
    '00:00:00.',
    '00:00:00.1234567',
    '-01:00:00',
    '00:00:00x',
  ])('refuse the time of day %j', (text) => {
    expect(new CivilNumber().readTime(ascii(text), 0, text.length, 6)).toBe(false);
  });
});

describe('run lengths', () => {
  it('are read back by a reader that is not ours', () => {
    const runs = fc.array(fc.tuple(fc.nat({ max: 70_000 }), fc.integer({ min: 1, max: 40 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(runs, (given) => {
        const values = Int32Array.from(
          given.flatMap(([value, times]) => new Array<number>(times).fill(value)),
        );
        const width = bitWidth(Math.max(0, ...values));
        const out = new ByteBuffer(16);
        writeRunLengths(values, values.length, width, out);
        const read = new Int32Array(values.length);
        const bytes = out.take();
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        const reader = { view, offset: 0 };
        readRleBitPackedHybrid(reader, width, read, bytes.length);
        expect([...read]).toEqual([...values]);
      }),
    );
  });
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
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 4000 }))
      .map(([bytes, times]) => Buffer.concat(new Array(times).fill(bytes))),
  );

  it('is read back by a reader that is not ours', () => {
    const snappy = new SnappyCompressor();
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const raw = Buffer.concat(pieces);
        const stored = snappy.compress(raw);
        const read = new Uint8Array(raw.length);
        if (raw.length > 0) snappyUncompress(stored, read);
        expect(Buffer.from(read).equals(raw)).toBe(true);
        expect(stored.length).toBeLessThanOrEqual(32 + raw.length + raw.length / 6);
      }),
    );
  });

  it('makes repeated text small, also over block borders', () => {
    const raw = Buffer.from('furiously regular deposits sleep carefully. '.repeat(10_000));
    const stored = new SnappyCompressor().compress(raw);
    const read = new Uint8Array(raw.length);
    snappyUncompress(stored, read);
    expect(Buffer.from(read).equals(raw)).toBe(true);
    expect(stored.length).toBeLessThan(raw.length / 15);
  });
});
