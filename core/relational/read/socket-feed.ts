/** The socket of a driver, lent for one answer: its bytes fill a buffer, and it waits while that is laden. */
import type { Socket } from 'node:net';
import type { Clock } from '../../ports/index.ts';
import { borrow, giveBack, takesAll } from './reading-socket.ts';
import type { RowBuffer } from './row-buffer.ts';

/**
 * Servers send as little as 8 KiB at a time. After a piece smaller than this one, nothing is read for a while: many
 * pieces are then taken at once, for a fraction of the processor time, and the server goes on writing meanwhile.
 */
const PORTION_BYTES = 64 * 1024;
/** Long enough for a fast server to send a portion, short for everybody else. */
const REST_MS = 1;

/** What a feed works with. */
export interface FeedPorts {
  readonly clock: Clock;
  /** Longest silence of the server while somebody waits for it. */
  readonly silenceMs: number;
}

/** The server said nothing for too long. */
export class SilenceFault extends Error {}

/** The connection ended in the middle of an answer. */
export class LostFault extends Error {}

/** Takes the place of the driver's own reader from creation to `giveBack`. */
export class SocketFeed {
  readonly #clock: Clock;
  readonly #socket: Socket;
  readonly #buffer: RowBuffer;
  readonly #theirs: ((chunk: Buffer) => void)[];
  /** Whether bytes came that nobody has asked about. */
  #arrived = false;
  #fault: unknown;
  #wake: (() => void) | undefined;
  #paused = false;
  #resting = false;

  constructor(socket: Socket, buffer: RowBuffer, { clock, silenceMs }: FeedPorts) {
    this.#clock = clock;
    this.#socket = socket;
    this.#buffer = buffer;
    this.#theirs = socket.listeners('data') as ((chunk: Buffer) => void)[];
    socket.removeAllListeners('data');
    socket.on('data', this.#onData).on('close', this.#onClose).on('error', this.#onError);
    socket.setTimeout(silenceMs, this.#onSilence);
    borrow(socket);
  }

  /** Waits until bytes came since the last call. Throws when there will be none. */
  async more(): Promise<void> {
    while (!this.#arrived) {
      if (this.#fault) throw this.#fault;
      if (this.#socket.destroyed) throw new LostFault('the connection is closed');
      this.#resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#arrived = false;
  }

  /** Goes on if the buffer has room again. */
  flow(): void {
    if (!this.#buffer.laden) this.#resume();
  }

  /** The driver reads its socket again: only after the whole answer was taken. */
  giveBack(): void {
    this.#resting = false;
    this.#detach();
    for (const listener of this.#theirs) this.#socket.on('data', listener);
    this.#resume();
  }

  #detach(): void {
    const socket = this.#socket;
    socket.off('data', this.#onData).off('close', this.#onClose).off('error', this.#onError);
    socket.off('timeout', this.#onSilence).setTimeout(0);
    giveBack(socket);
  }

  #resume(): void {
    if (!this.#paused || this.#resting) return;
    this.#paused = false;
    this.#socket.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#buffer.append(chunk);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#arrived = true;
    if (chunk.length < PORTION_BYTES && takesAll(this.#socket)) void this.#rest();
    if (this.#buffer.laden) this.#pause();
    this.#awake();
  };

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  async #rest(): Promise<void> {
    if (this.#resting) return;
    this.#resting = true;
    this.#pause();
    await this.#clock.sleep(REST_MS);
    this.#resting = false;
    // Whoever waits for the rest of a large row gets it although the buffer is laden.
    if (this.#wake) this.#resume();
    else this.flow();
  }

  readonly #onClose = (): void => this.#fail(new LostFault('the server closed the connection'));

  readonly #onError = (error: Error): void => this.#fail(new LostFault(error.message, { cause: error }));

  /** Silence counts only while an answer is awaited: a paused socket is silent because of us. */
  readonly #onSilence = (): void => {
    if (this.#wake) this.#fail(new SilenceFault('the server was silent for too long'));
  };

  #fail(fault: unknown): void {
    this.#fault ??= fault;
    this.#awake();
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
