/**
 * The time of functions, in the hands of a test. A script that is loaded before the function replaces `Date.now` and
 * `performance.now` by what stands in a file: the time that leases, waits and slices are judged by. It stands still until the test moves it,
 * so nothing depends on how fast the machine is. Long timers, which are limits of calls, are made much longer, since a
 * call may be held. Short ones, and the dates in signatures (`new Date()`), stay real.
 */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Milliseconds as this many digits: one write replaces them all. */
const DIGITS = 16;

/** Timers from this length on are limits; they last this many times as long. */
const LIMIT_MS = 5_000;
const STRETCH = 60;

const SCRIPT = `
const { openSync, readSync } = require('node:fs');
const file = openSync(process.env.TEST_CLOCK, 'r');
const digits = Buffer.alloc(${DIGITS});
Date.now = () => {
  readSync(file, digits, 0, ${DIGITS}, 0);
  return Number(digits.toString('latin1'));
};
performance.now = Date.now;
const wait = globalThis.setTimeout;
const stretched = (act, ms, ...rest) => wait(act, ms >= ${LIMIT_MS} ? ms * ${STRETCH} : ms, ...rest);
globalThis.setTimeout = Object.defineProperties(stretched, Object.getOwnPropertyDescriptors(wait));`;

/** One time for all functions of a cloud. */
export class FunctionClock {
  readonly #file: number;
  #nowMs = Date.now();
  /** To be loaded before a function, which has to be started with `environment`. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;

  /** Keeps its two files in the folder. */
  constructor(folder: string) {
    this.script = path.join(folder, 'function-clock.cjs');
    const file = path.join(folder, 'function-clock');
    writeFileSync(this.script, SCRIPT);
    this.#file = openSync(file, 'w');
    this.environment = { TEST_CLOCK: file };
    this.restart();
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Sets the time of the machine. */
  restart(): void {
    this.#nowMs = Date.now();
    this.#write();
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    this.#write();
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(): void {
    writeSync(this.#file, String(this.#nowMs).padStart(DIGITS, '0'), 0, 'latin1');
  }
}
