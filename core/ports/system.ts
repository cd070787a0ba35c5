// biome-ignore-all lint/style/noRestrictedGlobals: this file is where the real clock enters
import { randomBytes } from 'node:crypto';
import type { Clock, Logger, Random } from './index.ts';

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** Randomness of the machine. */
export const systemRandom: Random = {
  nonce: () => randomBytes(16).toString('hex'),
  fraction: () => randomBytes(4).readUInt32LE() / 2 ** 32,
};

/** Drops every line. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
