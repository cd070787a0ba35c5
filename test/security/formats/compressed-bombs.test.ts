import { createGzip, gzipSync } from 'node:zlib';
import { compress, init } from '@bokuweb/zstd-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { FREE_EXPANSION_BYTES, MAX_RECORD_BYTES } from '../../../core/formats/read/limits.ts';
import { fields, fileOf, readFile } from '../../unit/formats/read/files.ts';

const MIB = 1024 * 1024;
/** What reading may hold at most beside the file: windows of twice a record, and pieces on their way. */
const ALLOWED_BYTES = 6 * MAX_RECORD_BYTES;

const options = { columns: fields(1), maxExpansion: 100 };

/** Lines of zeros as one gzip member, never in memory as a whole. */
async function zeros(megabytes: number): Promise<Buffer> {
  const line = Buffer.from(`${'0'.repeat(1023)}\n`);
  const block = Buffer.concat(Array.from({ length: 1024 }, () => line));
  const gzip = createGzip({ level: 9 });
  const pieces: Buffer[] = [];
  gzip.on('data', (piece: Buffer) => pieces.push(piece));
  for (let i = 0; i < megabytes; i++) {
    await new Promise<void>((resolve) => gzip.write(block, () => resolve()));
  }
  await new Promise<void>((resolve) => gzip.end(() => resolve()));
  return Buffer.concat(pieces);
}

/** Reads to the end, keeping nothing. */
async function outcome(bytes: Buffer, compression: 'gzip' | 'zstd', more: object = {}): Promise<string> {
  const before = process.memoryUsage().rss;
  let most = 0;
  const watch = (): void => void (most = Math.max(most, process.memoryUsage().rss - before));
  const file = fileOf(bytes, 64 * 1024);
  const watched = {
    ...file,
    async *stream(from: number, to: number) {
      for await (const piece of file.stream(from, to)) {
        watch();
        yield piece;
      }
    },
  };
  const result = await readFile(watched, { ...options, compress: compression, ...more }).then(
    () => 'read',
    (error: { code?: string }) => error.code ?? String(error),
  );
  expect(most).toBeLessThan(ALLOWED_BYTES);
  return result;
}

describe('compressed bombs', () => {
  beforeAll(() => init());

  it('of gzip are refused soon after what every file may become', async () => {
    const bomb = await zeros(400);
    expect(bomb.length * 100).toBeLessThan(400 * MIB);
    expect(await outcome(bomb, 'gzip')).toBe('SRC-2016');
  });

  it('of zstd are refused, and those of repeated blocks too', async () => {
    const frame = Buffer.from(compress(Buffer.alloc(8 * MIB, '0\n'), 3));
    const frames = Buffer.concat(Array.from({ length: 20 }, () => frame));
    expect(await outcome(frames, 'zstd')).toBe('SRC-2016');
    // A frame of blocks of one repeated byte: 4 bytes become 128 KiB.
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
    const block = Buffer.from([0, 0, 0, 0x0a]);
    block.writeUIntLE(((128 * 1024) << 3) | (1 << 1), 0, 3);
    const repeated = Buffer.concat([head, ...Array.from({ length: 2000 }, () => block)]);
    expect(await outcome(repeated, 'zstd')).toBe('SRC-2016');
  });

  it('are told from files that are just repetitive, and may be allowed', async () => {
    const small = await zeros(32);
    expect(small.length * 100).toBeLessThan(FREE_EXPANSION_BYTES);
    expect(await outcome(small, 'gzip')).toBe('read');
    expect(await outcome(await zeros(80), 'gzip', { maxExpansion: 2000 })).toBe('read');
  });

  it('of nested members are counted together', async () => {
    const member = gzipSync(Buffer.alloc(4 * MIB, '0\n'), { level: 9 });
    expect(await outcome(Buffer.concat(Array.from({ length: 30 }, () => member)), 'gzip')).toBe('SRC-2016');
  });
});

describe('records without an end', () => {
  it('are refused before they fill memory', async () => {
    const open = Buffer.alloc(MAX_RECORD_BYTES + 2 * MIB, 'a');
    open[0] = 0x22;
    const before = process.memoryUsage().rss;
    await expect(readFile(fileOf(open, MIB), options)).rejects.toMatchObject({ code: 'SRC-2017' });
    await expect(readFile(fileOf(open.fill('a'), MIB), options)).rejects.toMatchObject({ code: 'SRC-2017' });
    expect(process.memoryUsage().rss - before).toBeLessThan(ALLOWED_BYTES);
  });

  it('in a header are refused too', async () => {
    const open = Buffer.alloc(MAX_RECORD_BYTES + 2 * MIB, 'a');
    const read = readFile(fileOf(open, MIB), { skipHeader: true, columns: undefined });
    await expect(read).rejects.toMatchObject({ code: 'SRC-2017' });
  });
});
