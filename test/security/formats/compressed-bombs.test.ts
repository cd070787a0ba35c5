import { once } from 'node:events';
import { createGzip, gzipSync } from 'node:zlib';
import { compress, init } from '@bokuweb/zstd-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { DelimitedReader } from '../../../core/formats/read/delimited-reader.ts';
import { FREE_EXPANSION_BYTES, MAX_RECORD_BYTES } from '../../../core/formats/read/limits.ts';
import type { TextReadFormat } from '../../../core/formats/read/read-format.ts';
import { fields, fileOf, PLAIN_CSV } from '../../unit/formats/read/files.ts';

const MIB = 1024 * 1024;
/** A mebibyte of lines of zeros. */
const LINES = Buffer.concat(Array.from({ length: 1024 }, () => Buffer.from(`${'0'.repeat(1023)}\n`)));

/** Lines of zeros as one gzip member, never in memory as a whole. */
async function zeros(megabytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const pieces: Buffer[] = [];
  gzip.on('data', (piece: Buffer) => pieces.push(piece));
  for (let i = 0; i < megabytes; i++) await new Promise<void>((done) => gzip.write(LINES, () => done()));
  gzip.end();
  await once(gzip, 'end');
  return Buffer.concat(pieces);
}

/** Reads to the end, keeping nothing; says how it ended and how many bytes the rows had. */
async function drain(
  bytes: Buffer,
  changes: Partial<TextReadFormat>,
): Promise<{ end: string; bytes: number }> {
  const format: TextReadFormat = { ...PLAIN_CSV, columns: fields(1), ...changes };
  const reader = new DelimitedReader(format, 'UTC');
  const file = fileOf(bytes, 64 * 1024);
  let sum = 0;
  try {
    const layout = await reader.layout(file);
    for await (const { block } of reader.read(file, layout, { from: 0, to: file.size }, undefined)) {
      for (let i = 0; i < block.ends.length; i++) sum += block.ends[i]! - block.starts[i]!;
    }
    return { end: 'read', bytes: sum };
  } catch (error) {
    return { end: (error as { code?: string }).code ?? String(error), bytes: sum };
  }
}

describe('compressed bombs', () => {
  beforeAll(() => init());

  it('of gzip are refused soon after what every file may become', async () => {
    const bomb = await zeros(200);
    expect(bomb.length * 100).toBeLessThan(200 * MIB);
    const { end, bytes } = await drain(bomb, { compress: 'gzip' });
    expect(end).toBe('SRC-2016');
    expect(bytes).toBeLessThan(FREE_EXPANSION_BYTES + 40 * MIB);
  });

  it('of many members or frames are counted together', async () => {
    const member = gzipSync(Buffer.concat([LINES, LINES]), { level: 9 });
    const frame = Buffer.from(compress(Buffer.concat([LINES, LINES]), 3));
    const fifty = (bytes: Buffer): Buffer => Buffer.concat(Array.from({ length: 50 }, () => bytes));
    expect((await drain(fifty(member), { compress: 'gzip' })).end).toBe('SRC-2016');
    expect((await drain(fifty(frame), { compress: 'zstd' })).end).toBe('SRC-2016');
  });

  it('of repeated blocks of zstd are refused: 4 bytes become 128 KiB', async () => {
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
    const block = Buffer.from([0, 0, 0, 0x0a]);
    block.writeUIntLE(((128 * 1024) << 3) | (1 << 1), 0, 3);
    const repeated = Buffer.concat([head, ...Array.from({ length: 2000 }, () => block)]);
    const { end } = await drain(repeated, { compress: 'zstd', lineDelimiter: '\r', skipEmptyLines: false });
    expect(end).toMatch(/^SRC-201[67]$/);
  });

  it('are told from files that are just repetitive, and may be allowed', async () => {
    const small = await zeros(32);
    expect(small.length * 100).toBeLessThan(32 * MIB);
    expect(await drain(small, { compress: 'gzip' })).toEqual({ end: 'read', bytes: 32 * 1024 * 1023 });
    const allowed = await drain(await zeros(80), { compress: 'gzip', maxExpansion: 2000 });
    expect(allowed).toEqual({ end: 'read', bytes: 80 * 1024 * 1023 });
  });
});

describe('records without an end', () => {
  it.each([
    ['in quotes', '"'],
    ['without quotes', 'a'],
  ])('%s are refused before they fill memory', async (_, first) => {
    const open = Buffer.alloc(MAX_RECORD_BYTES + 2 * MIB, 'a');
    open.write(first);
    expect((await drain(open, {})).end).toBe('SRC-2017');
    expect((await drain(open, { skipHeader: true, columns: undefined })).end).toBe('SRC-2017');
  });
});
