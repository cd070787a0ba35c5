import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../../core/errors/index.ts';
import type { CodecName } from '../../../../core/formats/parquet/index.ts';
import {
  footerBytes,
  MAGIC,
  pageHeader,
  rowGroupBytes,
} from '../../../../core/formats/parquet/metadata-bytes.ts';
import type { ParquetColumn } from '../../../../core/formats/parquet/parquet-column.ts';
import { type Column, RowBlockBuilder } from '../../../../core/types/index.ts';
import { parquetFile, readRows } from './files.ts';

const columns: readonly Column[] = [
  { name: 'n', type: 'long' },
  { name: 's', type: 'string' },
  { name: 'd', type: 'decimal', facts: { precision: 30, scale: 2 } },
];

async function sample(codec: CodecName, rows = 200): Promise<Buffer> {
  const builder = new RowBlockBuilder(columns);
  for (let i = 0; i < rows; i++) builder.addRow([BigInt(i), i % 4 === 0 ? null : `text ${i % 9}`, `${i}.25`]);
  return (await parquetFile([builder.build()], { codec, rowGroupRows: rows / 2 })).bytes;
}

/** The fault of reading; a file that can still be read has none. */
async function faultOf(bytes: Buffer): Promise<unknown> {
  try {
    await readRows(bytes);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a damaged file', () => {
  it.each<CodecName>(['none', 'snappy', 'gzip', 'zstd'])(
    'is refused with a code wherever bytes are wrong (%s)',
    async (codec) => {
      const whole = await sample(codec);
      const change = fc.tuple(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, by] of changes) bytes[at]! ^= by;
          const fault = await faultOf(bytes);
          if (fault === undefined) return;
          expect(fault).toBeInstanceOf(SyncError);
          expect((fault as SyncError).code).toMatch(/^SRC-205[01]$/);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('is refused wherever an integer has become one of another width', async () => {
    const whole = await sample('none', 20);
    // In the compact protocol the types of 32-bit and 64-bit integers, 5 and 6, differ in these bits.
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 3;
      const fault = await faultOf(bytes);
      if (fault !== undefined) expect(fault).toMatchObject({ code: expect.stringMatching(/^SRC-205[01]$/) });
    }
  });

  it('is refused wherever it was cut off', async () => {
    const whole = await sample('snappy');
    for (let length = 0; length < whole.length; length += 97) {
      expect(await faultOf(whole.subarray(0, length))).toMatchObject({ code: 'SRC-2050' });
    }
  });

  it.each([
    ['text', Buffer.from('id,name\n1,a\n'), /does not end like one/],
    ['nothing', Buffer.alloc(0), /too short/],
    ['an encrypted file', Buffer.from('PAR1....\0\0\0\0PARE'), /encrypted/],
    [
      'too much metadata',
      Buffer.concat([MAGIC, Buffer.alloc(64), Buffer.from([255, 255, 255, 255]), MAGIC]),
      /cut off/,
    ],
  ])('%s is refused', async (_, bytes, message) => {
    expect(await faultOf(bytes)).toMatchObject({ code: 'SRC-2050', message: expect.stringMatching(message) });
  });
});

describe('a file that claims too much', () => {
  const column: ParquetColumn = {
    name: 'n',
    physical: 'INT64',
    annotation: { kind: 'none' },
    required: true,
  };

  /** A file of one page with these facts. */
  function fileOf(rows: number, body: Buffer, rawBytes: number, codec: 'none' | 'zstd' = 'none'): Buffer {
    const header = pageHeader({ kind: 'plain', valueCount: rows, rawBytes, storedBytes: body.length });
    const storedBytes = header.length + body.length;
    const facts = {
      codec,
      valueCount: rows,
      nullCount: 0,
      bounds: undefined,
      rawBytes,
      storedBytes,
      dictionaryBytes: 0,
      idPages: 0,
      plainPages: 1,
    };
    const group = rowGroupBytes([column], [facts], rows, MAGIC.length);
    return Buffer.concat([MAGIC, header, body, footerBytes([column], [group], rows)]);
  }

  it.each([
    ['values', fileOf(2 ** 31 - 1, Buffer.alloc(8), 8), /2147483647 values/],
    ['bytes of a page', fileOf(1, Buffer.alloc(8), 2 ** 30), /would have 1073741824 bytes/],
    ['values for its bytes', fileOf(1000, Buffer.alloc(8), 8), /too short for its values/],
    [
      'bytes in a zstd frame',
      fileOf(1, Buffer.from('28b52ffda0ffffffff010000', 'hex'), 8, 'zstd'),
      /another size/,
    ],
  ])('of %s is refused before memory is taken', async (_, bytes, message) => {
    expect(await faultOf(bytes)).toMatchObject({ code: 'SRC-2050', message: expect.stringMatching(message) });
  });

  it('is read when it claims what it has', async () => {
    expect((await readRows(fileOf(1, Buffer.from([7, 0, 0, 0, 0, 0, 0, 0]), 8))).rows).toEqual([[7n]]);
  });
});
