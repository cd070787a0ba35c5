import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Crc64, crc64, crc64Combine } from './crc64.ts';

/** The definition, one bit at a time. */
function bitwise(bytes: Uint8Array): bigint {
  let crc = 0xffff_ffff_ffff_ffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c_5795_d787_0f42n : crc >> 1n;
  }
  return crc ^ 0xffff_ffff_ffff_ffffn;
}

const bytes = fc.uint8Array({ maxLength: 400 });

describe('crc64', () => {
  it('gives the published check values', () => {
    expect(crc64(Buffer.from('123456789'))).toBe(11051210869376104954n);
    expect(crc64(Buffer.alloc(0))).toBe(0n);
  });

  it('equals the definition, however the input is split', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(400), { maxLength: 4 }), (data, cuts) => {
        const crc = new Crc64();
        const marks = [
          0,
          ...cuts.map((cut) => Math.min(cut, data.length)).sort((a, b) => a - b),
          data.length,
        ];
        for (let i = 1; i < marks.length; i += 1) crc.update(data.subarray(marks[i - 1], marks[i]));
        expect(crc.digest()).toBe(bitwise(data));
      }),
    );
  });

  it('handles blocks larger than its window', () => {
    const block = Buffer.from(Array.from({ length: 600_001 }, (_, i) => (i * 31) & 0xff));
    const crc = new Crc64();
    for (let at = 0; at < block.length; at += 7001) crc.update(block.subarray(at, at + 7001));
    expect(crc64(block)).toBe(crc.digest());
  });
});

describe('crc64Combine', () => {
  it('equals the checksum of the concatenation', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(crc64Combine(crc64(a), crc64(b), b.length)).toBe(crc64(Buffer.concat([a, b])));
      }),
    );
  });

  it('is associative over lengths that were never read', () => {
    const length = fc.bigInt({ min: 0n, max: 1n << 45n }).map(Number);
    const sum = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(sum, sum, sum, length, length, (a, b, c, lengthB, lengthC) => {
        const left = crc64Combine(crc64Combine(a, b, lengthB), c, lengthC);
        expect(left).toBe(crc64Combine(a, crc64Combine(b, c, lengthC), lengthB + lengthC));
      }),
    );
  });
});
