/**
 * The program of a hashing thread, as source text: it must exist as a program of its own even when this repository is
 * bundled into one file. Plain CommonJS; it uses only built-in modules.
 *
 * `workerData` is a `HashWorkerData`. Messages, in the order of the calls:
 *   to the thread      { content, slot, lengths }    fold pieces that lie in the slot, each start aligned
 *                      { content, end: 'sums' }      answer the sums and forget the content
 *                      { content, end: 'drop' }      forget the content
 *   from the thread    { slot }                      the slot was read and may be used again
 *                      { content, md5, crc64 }       MD5 in hex, CRC-64 as a bigint
 */

import type { Crc64Kernel } from './crc64.ts';

/** What a thread is started with. */
export interface HashWorkerData {
  /** Slots of equal length, one behind the other. */
  readonly slots: SharedArrayBuffer;
  readonly slotBytes: number;
  /** Each piece of a slot starts at a multiple of this many bytes. */
  readonly alignment: number;
  readonly crc64: Crc64Kernel;
}

/** A message to the thread. */
export type HashOrder =
  | { readonly content: number; readonly slot: number; readonly lengths: readonly number[] }
  | { readonly content: number; readonly end: 'sums' | 'drop' };

/** A message from the thread. */
export type HashReport =
  | { readonly slot: number }
  | { readonly content: number; readonly md5: string; readonly crc64: bigint };

export const HASH_WORKER_SOURCE = `'use strict';
const { createHash } = require('node:crypto');
const { parentPort, workerData } = require('node:worker_threads');

const { slots, slotBytes, alignment, crc64 } = workerData;
const { windowOffset, windowBytes } = crc64;
const ONES = 0xffffffffffffffffn;

const kernel = new WebAssembly.Instance(new WebAssembly.Module(crc64.module)).exports;
new BigUint64Array(kernel.m.buffer, 0, crc64.tables.length).set(crc64.tables);
const inputWindow = new Uint8Array(kernel.m.buffer, windowOffset, windowBytes);

const contents = new Map();

const fold = (running, piece) => {
  running.md5.update(piece);
  for (let at = 0; at < piece.length; at += windowBytes) {
    const slice = piece.subarray(at, at + windowBytes);
    inputWindow.set(slice);
    running.crc = kernel.u(running.crc, windowOffset, windowOffset + slice.length);
  }
};

const foldSlot = ({ content, slot, lengths }) => {
  let running = contents.get(content);
  if (!running) contents.set(content, (running = { md5: createHash('md5'), crc: ONES }));
  let at = slot * slotBytes;
  for (const length of lengths) {
    fold(running, new Uint8Array(slots, at, length));
    at += Math.ceil(length / alignment) * alignment;
  }
  parentPort.postMessage({ slot });
};

const end = ({ content, end }) => {
  const running = contents.get(content);
  contents.delete(content);
  if (end === 'drop') return;
  const crc = BigInt.asUintN(64, running.crc) ^ ONES;
  parentPort.postMessage({ content, md5: running.md5.digest('hex'), crc64: crc });
};

parentPort.on('message', (order) => (order.end ? end(order) : foldSlot(order)));
`;
