import { createGunzip } from 'node:zlib';
import { SyncError } from '../../../errors/index.ts';
import type { ObjectStore } from '../object-store.ts';

/** Bytes of one request: a lost connection costs at most as much. */
const RANGE_BYTES = 4 * 1024 * 1024;

/** Bytes of a piece of unpacked content. */
const UNPACKED_BYTES = 256 * 1024;

/** The bytes `[start, to)` of an object in pieces, in order. Throws DST-4005 if it ends or vanishes meanwhile. */
export async function* storedBytes(
  store: ObjectStore,
  key: string,
  start: number,
  to: number,
): AsyncGenerator<Buffer> {
  for (let from = start; from < to; ) {
    const piece = await store.readRange(key, from, Math.min(to, from + RANGE_BYTES) - 1);
    if (!piece || piece.length === 0)
      throw new SyncError('DST-4005', 'lost', 'an object vanished while it was read', { key });
    yield piece;
    from += piece.length;
  }
}

/** The content of an object, unpacked if the writer packs. Throws DST-4005 for what is no gzip. */
export async function* objectBytes(
  store: ObjectStore,
  key: string,
  size: number,
  gzip: boolean,
): AsyncGenerator<Buffer> {
  if (!gzip) {
    yield* storedBytes(store, key, 0, size);
    return;
  }
  const unpack = createGunzip({ chunkSize: UNPACKED_BYTES });
  const feeding = feed(unpack, storedBytes(store, key, 0, size));
  try {
    for await (const piece of unpack) yield piece as Buffer;
    await feeding;
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw new SyncError('DST-4005', 'lost', 'an object is no gzip file any more', { key }, { cause: error });
  } finally {
    unpack.destroy();
    // What broke the unpacking was thrown already.
    await feeding.catch(() => undefined);
  }
}

/** Writes the pieces as fast as they are taken. A fault of the source becomes one of the stream. */
async function feed(stream: ReturnType<typeof createGunzip>, pieces: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (stream.destroyed) return;
      if (!stream.write(piece)) await drained(stream);
    }
    stream.end();
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

const drained = (stream: ReturnType<typeof createGunzip>): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
