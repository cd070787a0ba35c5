import { gzipSync } from 'node:zlib';
import { compress, init } from '@bokuweb/zstd-wasm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fields, fileOf, readFile, rowsOf } from './files.ts';

const text = Array.from({ length: 20_000 }, (_, i) => `${i},value ${i * 7919}\n`).join('');
const rows = text
  .trimEnd()
  .split('\n')
  .map((line) => line.split(','));

beforeAll(() => init());

const zstd = (value: string | Buffer): Buffer => Buffer.from(compress(Buffer.from(value as string), 3));

describe('gzip', () => {
  it('reads members, names, comments and zeros behind', async () => {
    const named = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 4 + 8 + 16 + 2, 0, 0, 0, 0, 0, 3]),
      Buffer.from([2, 0, 9, 9]),
      Buffer.from('name\0comment\0'),
      Buffer.from([0, 0]),
      gzipSync('a,b\n').subarray(10),
    ]);
    const bytes = Buffer.concat([
      named,
      gzipSync(''),
      gzipSync('c,d\ne'),
      gzipSync(',f\n'),
      Buffer.alloc(512),
    ]);
    for (const piece of [1, 7, 1000]) {
      const read = await readFile(fileOf(bytes, piece), { compress: 'gzip' });
      expect(read.rows).toEqual([
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
      ]);
    }
  });

  it('reads what node compresses, in pieces of any size', async () => {
    for (const piece of [100, 4096, 1_000_000]) {
      expect((await readFile(fileOf(gzipSync(text), piece), { compress: 'gzip' })).rows).toEqual(rows);
    }
  });

  it('notices damage, cuts and what is no gzip', async () => {
    const whole = gzipSync(text);
    const code = async (bytes: Buffer) =>
      readFile(fileOf(bytes, 1000), { compress: 'gzip', columns: fields(2) }).then(
        () => 'read',
        (error: { code: string }) => error.code,
      );
    const wrongSum = Buffer.from(whole);
    wrongSum[whole.length - 6]! ^= 1;
    const wrongLength = Buffer.from(whole);
    wrongLength[whole.length - 1]! ^= 1;
    expect(await code(whole.subarray(0, -1))).toBe('SRC-2018');
    expect(await code(whole.subarray(0, 1000))).toBe('SRC-2018');
    expect(await code(wrongSum)).toBe('SRC-2018');
    expect(await code(wrongLength)).toBe('SRC-2018');
    expect(await code(Buffer.from('a,b\n'.repeat(10)))).toBe('SRC-2018');
    expect(await code(Buffer.concat([whole, Buffer.from('x')]))).toBe('SRC-2018');
    expect(await code(Buffer.concat([whole, Buffer.from('\0\0x')]))).toBe('SRC-2018');
  });

  it('survives flipped bits without anything but an error or the same rows', async () => {
    const whole = gzipSync('a,b\nc,d\n');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
        const bytes = Buffer.from(whole);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const outcome = await readFile(fileOf(bytes), { compress: 'gzip', columns: fields(2) }).catch(
          (error: { code: string }) => error.code,
        );
        if (typeof outcome === 'string') expect(outcome).toMatch(/^SRC-201[67]|SRC-2018$/);
        else
          expect(outcome.rows).toEqual([
            ['a', 'b'],
            ['c', 'd'],
          ]);
      }),
    );
  });

  it('is suggested when a file begins like it', async () => {
    const read = readFile(fileOf(gzipSync(text)), { columns: fields(2) });
    await expect(read).rejects.toThrow('set compress to gzip');
    await expect(readFile(fileOf(zstd(text)), { columns: fields(2) })).rejects.toThrow(
      'set compress to zstd',
    );
  });
});

describe('zstd', () => {
  it('reads frames, empty and skippable ones among them', async () => {
    const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const bytes = Buffer.concat([zstd('a,b\nc'), skippable, zstd(''), zstd(',d\n')]);
    for (const piece of [1, 5, 1000]) {
      expect(await readFile(fileOf(bytes, piece), { compress: 'zstd' })).toMatchObject({
        rows: [
          ['a', 'b'],
          ['c', 'd'],
        ],
      });
    }
  });

  it('reads large frames and goes on from every position', async () => {
    const half = text.length / 2;
    const bytes = Buffer.concat([zstd(text.slice(0, half)), zstd(text.slice(half))]);
    const { rows: all, batches } = await readFile(fileOf(bytes, 4096), { compress: 'zstd' });
    expect(all).toEqual(rows);
    let seen = 0;
    for (const { block, position } of batches) {
      seen += block.rowCount;
      const rest = await readFile(
        fileOf(bytes, 4096),
        { compress: 'zstd', columns: fields(2) },
        { from: position },
      );
      expect(rest.rows).toEqual(rows.slice(seen));
    }
  });

  it('notices cuts, windows that are too large, and what is no zstd', async () => {
    const whole = zstd(text);
    const read = (bytes: Buffer) => rowsOf(bytes, { compress: 'zstd', columns: fields(2) });
    await expect(read(whole.subarray(0, -1))).rejects.toMatchObject({ code: 'SRC-2018' });
    await expect(read(Buffer.from('a,b\nc,d\n'))).rejects.toMatchObject({ code: 'SRC-2018' });
    const hugeWindow = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 1, 0, 0, 0, 0, 0]);
    await expect(read(hugeWindow)).rejects.toThrow('window');
  });
});
