import { randomBytes } from 'node:crypto';
import { brotliCompressSync, constants } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packProjectText, unpackProjectText } from '../../../core/job/index.ts';

const source = (i: number): object => ({
  type: 'oss',
  endpoint: 'https://oss-cn-hangzhou.aliyuncs.com',
  bucket: `bucket-${i}`,
  accessId: `LTAI${randomBytes(8).toString('hex')}`,
  accessKey: `\${env:SECRET_${i}}`,
});

describe('a packed project', () => {
  it('is the same text again, whatever it holds', () => {
    for (const text of ['', '{}', 'naïve 数据 🧵', 'x'.repeat(100_000)]) {
      expect(unpackProjectText(packProjectText(text))).toBe(text);
    }
  });

  it('with forty data sources fits among the 4 KB of a function environment', () => {
    const dataSources = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`lake_${i}`, source(i)]));
    expect(packProjectText(JSON.stringify({ dataSources })).length).toBeLessThan(3_000);
  });

  it('may also be plain text', () => {
    expect(unpackProjectText('{"a":1}')).toBe('{"a":1}');
  });

  it('that would grow without end is refused', () => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 1 };
    const bomb = brotliCompressSync(Buffer.alloc(64 * 1024 * 1024), { params }).toString('base64');
    expect(() => unpackProjectText(`br:${bomb}`)).toThrow();
  });
});
