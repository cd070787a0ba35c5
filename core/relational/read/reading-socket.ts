/**
 * A socket that reads into one buffer, over and over: a result of millions of rows then needs no memory of its own for
 * each piece that arrives.
 */
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { CHUNK_BYTES } from './block-memories.ts';

/** Sockets of this kind, and those of them whose listeners are done with a chunk when they return. */
const reading = new WeakSet<Socket>();
const borrowed = new WeakSet<Socket>();

/** A socket for a driver, not connected yet. Listeners of `data` may keep what they get, unless it is borrowed. */
export function readingSocket(): Socket {
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const callback = (length: number): boolean => hand(socket, buffer.subarray(0, length));
  const options: SocketConstructorOpts & ConnectOpts = { onread: { buffer, callback } };
  const socket = new Socket(options);
  reading.add(socket);
  return socket;
}

function hand(socket: Socket, chunk: Buffer): boolean {
  socket.emit('data', borrowed.has(socket) ? chunk : Buffer.from(chunk));
  return true;
}

/** Whether a socket takes as much at a time as there is; one of TLS takes a record. */
export const takesAll = (socket: Socket): boolean => reading.has(socket);

/** From now on its listeners copy what they keep. */
export const borrow = (socket: Socket): void => void borrowed.add(socket);

/** Its listeners may keep chunks again. */
export const giveBack = (socket: Socket): void => void borrowed.delete(socket);
