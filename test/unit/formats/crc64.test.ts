import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Crc64, crc64, crc64Combine, gzipMember } from '../../../core/formats/index.ts';

/** The definition, bit by bit. */
function slowCrc64(data: Uint8Array): bigint {
  let crc = 0xffffffffffffffffn;
  for (const byte of data) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
  }
  return crc ^ 0xffffffffffffffffn;
}

describe('crc64', () => {
  it('matches the published check value', () => {
    expect(crc64(Buffer.from('123456789'))).toBe(11051210869376104954n);
    expect(crc64(Buffer.alloc(0))).toBe(0n);
  });

  it('matches the definition at every length, alignment and cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(70), (data, cut) => {
        const expected = slowCrc64(data);
        expect(crc64(data)).toBe(expected);
        const pieces = new Crc64().update(data.subarray(0, cut)).update(data.subarray(cut));
        expect(pieces.digest()).toBe(expected);
      }),
    );
  });

  it('matches the definition where long input is folded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 31_000, max: 34_000 }), fc.integer(), fc.nat(70), (length, seed, cut) => {
        const data = Buffer.alloc(length);
        for (let i = 0, x = seed | 1; i < length; i++, x = Math.imul(x, 0x2c1b3c6d) + 0x3c6ef372)
          data[i] = x >>> 24;
        const expected = slowCrc64(data);
        expect(crc64(data)).toBe(expected);
        const pieces = new Crc64().update(data.subarray(0, cut)).update(data.subarray(cut));
        expect(pieces.digest()).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('shows any one changed bit of a long input', () => {
    const data = Buffer.alloc(600_000, 'lines of text');
    const whole = crc64(data);
    for (let at = 0; at < data.length; at += 1777) {
      data[at]! ^= 1 << (at & 7);
      expect(crc64(data), `byte ${at}`).not.toBe(whole);
      data[at]! ^= 1 << (at & 7);
    }
    expect(crc64(data)).toBe(whole);
  });

  it('combines', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (a, b) => {
        const joined = Buffer.concat([a, b]);
        expect(crc64Combine(crc64(a), crc64(b), b.length)).toBe(crc64(joined));
      }),
    );
  });

  it('combines lengths of parts', () => {
    const part = Buffer.alloc(8 * 1024 * 1024 + 13, 'abc');
    const joined = new Crc64().update(part).update(part).digest();
    expect(crc64Combine(crc64(part), crc64(part), part.length)).toBe(joined);
  });
});

describe('gzip members', () => {
  it('are a gzip file in any number', async () => {
    const members = await Promise.all(['a,b\n', 'c,d\n', ''].map((text) => gzipMember(Buffer.from(text))));
    expect(gunzipSync(Buffer.concat(members)).toString()).toBe('a,b\nc,d\n');
    expect(gunzipSync(members[0]!).toString()).toBe('a,b\n');
  });
});
