/** The socket of a driver, lent for one answer: its bytes come here in order, and it waits while nobody takes them. */
import type { Socket } from 'node:net';

/** Bytes that may wait here before the socket is paused. */
const MAX_WAITING_BYTES = 2 * 1024 * 1024;

/** The server said nothing for too long. */
export class SilenceFault extends Error {}

/** The connection ended in the middle of an answer. */
export class LostFault extends Error {}

/** Takes the place of the driver's own reader from creation to `giveBack`. */
export class SocketFeed {
  readonly #socket: Socket;
  readonly #theirs: ((chunk: Buffer) => void)[];
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #fault: Error | undefined;
  #wake: (() => void) | undefined;
  #paused = false;

  constructor(socket: Socket, silenceMs: number) {
    this.#socket = socket;
    this.#theirs = socket.listeners('data') as ((chunk: Buffer) => void)[];
    socket.removeAllListeners('data');
    socket.on('data', this.#onData).on('close', this.#onClose).on('error', this.#onError);
    socket.setTimeout(silenceMs, this.#onSilence);
  }

  /** All bytes that came since the last call, at least one chunk; waits for it. Throws when there will be none. */
  async take(): Promise<readonly Buffer[]> {
    while (this.#waiting.length === 0) {
      if (this.#fault) throw this.#fault;
      if (this.#socket.destroyed) throw new LostFault('the connection is closed');
      this.#resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#resume();
    return chunks;
  }

  /** The driver reads its socket again: only after the whole answer was taken. */
  giveBack(): void {
    this.#detach();
    for (const listener of this.#theirs) this.#socket.on('data', listener);
    this.#resume();
  }

  /** Drops the connection and whatever it still sends. */
  destroy(): void {
    this.#detach();
    this.#socket.destroy();
  }

  #detach(): void {
    const socket = this.#socket;
    socket.off('data', this.#onData).off('close', this.#onClose).off('error', this.#onError);
    socket.off('timeout', this.#onSilence).setTimeout(0);
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= MAX_WAITING_BYTES) {
      this.#paused = true;
      this.#socket.pause();
    }
    this.#awake();
  };

  readonly #onClose = (): void => this.#fail(new LostFault('the server closed the connection'));

  readonly #onError = (error: Error): void => this.#fail(new LostFault(error.message, { cause: error }));

  /** Silence counts only while an answer is awaited: a paused socket is silent because of us. */
  readonly #onSilence = (): void => {
    if (this.#wake) this.#fail(new SilenceFault('the server was silent for too long'));
  };

  #fail(fault: Error): void {
    this.#fault ??= fault;
    this.#awake();
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
