/** The way of bytes from a socket into the buffer of rows, with a server of this process at the other end. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/ports/system.ts';
import { BLOCK_BYTES, CHUNK_BYTES } from '../../../core/relational/read/block-memories.ts';
import { readingSocket } from '../../../core/relational/read/reading-socket.ts';
import { RowBuffer } from '../../../core/relational/read/row-buffer.ts';
import { LostFault, SocketFeed } from '../../../core/relational/read/socket-feed.ts';

const open: (Server | Socket)[] = [];

afterEach(() => {
  for (const one of open.splice(0)) 'destroy' in one ? one.destroy() : one.close();
});

/** Both ends of a connection. */
async function connected(): Promise<{ ours: Socket; theirs: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ours = readingSocket().connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [theirs] = (await once(server, 'connection')) as [Socket];
  if (ours.connecting) await once(ours, 'connect');
  open.push(server, ours, theirs);
  return { ours, theirs };
}

const pattern = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => (i * 7919) >> 3));

function lent(socket: Socket): { buffer: RowBuffer; feed: SocketFeed } {
  const buffer = new RowBuffer(1);
  return { buffer, feed: new SocketFeed(socket, buffer, { clock: systemClock, silenceMs: 60_000 }) };
}

describe('a socket that is lent', () => {
  it('fills the buffer in order, a block ahead at most', async () => {
    const { ours, theirs } = await connected();
    const { buffer, feed } = lent(ours);
    const sent = pattern(5 * BLOCK_BYTES);
    theirs.write(sent);
    const found: Buffer[] = [];
    for (let length = 0; length < sent.length; ) {
      while (!buffer.laden && length + buffer.length < sent.length) await feed.more();
      expect(buffer.length).toBeLessThanOrEqual(BLOCK_BYTES + CHUNK_BYTES);
      buffer.at = buffer.length;
      const { bytes } = buffer.takeRows();
      feed.flow();
      found.push(bytes);
      length += bytes.length;
    }
    expect(Buffer.concat(found).equals(sent)).toBe(true);
  });

  it('leaves chunks to whoever had it before, to keep', async () => {
    const { ours, theirs } = await connected();
    const kept: Buffer[] = [];
    ours.on('data', (chunk: Buffer) => kept.push(chunk));
    const { buffer, feed } = lent(ours);
    theirs.write('lent');
    while (buffer.length < 4) await feed.more();
    feed.giveBack();
    for (const word of ['first', 'other']) {
      const length = kept.length;
      theirs.write(word);
      while (kept.length === length) await once(ours, 'data');
    }
    expect([buffer.bytes.toString('latin1', 0, 4), ...kept.map(String)]).toEqual(['lent', 'first', 'other']);
  });

  it('tells of its end after all bytes that came before', async () => {
    const { ours, theirs } = await connected();
    const { buffer, feed } = lent(ours);
    theirs.end('last words');
    const reading = async (): Promise<void> => {
      for (;;) await feed.more();
    };
    await expect(reading()).rejects.toBeInstanceOf(LostFault);
    expect(buffer.bytes.toString('latin1', 0, buffer.length)).toBe('last words');
  });
});
