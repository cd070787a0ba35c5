import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BATCH_BYTES, type ContentHash, type ContentSums } from './content-hash.ts';
import { crc64 } from './crc64.ts';
import { HashPool } from './hash-pool.ts';

const pool = new HashPool();
afterAll(() => pool.close());

/** Bytes that differ from block to block. */
function sample(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed + 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

function expectedSums(bytes: Buffer): ContentSums {
  return { md5: createHash('md5').update(bytes).digest(), crc64: crc64(bytes) };
}

async function feed(hash: ContentHash, bytes: Buffer, pieceBytes: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes)
    await hash.update(bytes.subarray(at, at + pieceBytes));
}

async function sumsOf(bytes: Buffer, pieceBytes: number): Promise<ContentSums> {
  const hash = pool.open();
  await feed(hash, bytes, pieceBytes);
  return hash.finish();
}

describe('HashPool', () => {
  it('gives the sums of contents of any length, however they are cut and mixed', async () => {
    const content = fc.record({
      length: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5 * BATCH_BYTES })),
      pieceBytes: fc.oneof(
        fc.integer({ min: 999, max: 70_000 }),
        fc.constantFrom(BATCH_BYTES, 3 * BATCH_BYTES),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 5 }), async (contents) => {
        const all = contents.map(({ length }, i) => sample(length, i));
        const sums = await Promise.all(all.map((bytes, i) => sumsOf(bytes, contents[i]!.pieceBytes)));
        expect(sums).toEqual(all.map(expectedSums));
      }),
      { numRuns: 40 },
    );
  });

  it.each([BATCH_BYTES - 1, BATCH_BYTES, BATCH_BYTES + 1])('is exact at %i bytes', async (length) => {
    const bytes = sample(length, 7);
    expect(await sumsOf(bytes, 65_536)).toEqual(expectedSums(bytes));
    expect(await sumsOf(bytes, length)).toEqual(expectedSums(bytes));
  });

  it('takes many tiny pieces', async () => {
    const bytes = sample(20_000, 3);
    expect(await sumsOf(bytes, 7)).toEqual(expectedSums(bytes));
  });

  it('is not held up by contents that stall', async () => {
    const bytes = sample(2 * BATCH_BYTES + 5, 1);
    const stalled = Array.from({ length: 50 }, () => pool.open());
    await Promise.all(stalled.map((hash) => feed(hash, bytes, 60_000)));
    expect(await sumsOf(bytes, 60_000)).toEqual(expectedSums(bytes));
    const ends = await Promise.all(stalled.map((hash) => hash.finish()));
    expect(ends).toEqual(ends.map(() => expectedSums(bytes)));
  });

  it('goes on after a content was abandoned', async () => {
    const bytes = sample(3 * BATCH_BYTES, 2);
    const abandoned = pool.open();
    await feed(abandoned, bytes, 65_536);
    abandoned.abandon();
    expect(await sumsOf(bytes, 65_536)).toEqual(expectedSums(bytes));
  });

  it('asks the sender to wait while all slots are taken', async () => {
    const hash = pool.open();
    const batch = sample(BATCH_BYTES, 4);
    const waits: Promise<void>[] = [];
    // Slots are given back in a later turn at the earliest, so a pool without bounds would never ask to wait.
    for (let batches = 0; waits.length === 0 && batches < 100; batches += 1) {
      const wait = hash.update(batch);
      if (wait !== undefined) waits.push(wait);
    }
    expect(waits).toHaveLength(1);
    await waits[0];
    hash.abandon();
  });

  it('fails the contents under way when it is closed', async () => {
    const closed = new HashPool();
    const hash = closed.open();
    await feed(hash, sample(2 * BATCH_BYTES, 5), 65_536);
    await closed.close();
    await expect(hash.finish()).rejects.toThrow('the hashing thread has ended');
  });
});
