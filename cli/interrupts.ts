import { ExitCode } from './exit-codes.ts';
import type { CliIo, EndSignal } from './io.ts';

/**
 * Signals while a run is watched: the first asks to stop in good order, the second ends at once.
 * SIGTERM ends by itself when stopping takes longer than its sender usually waits.
 */
export class Interrupts {
  /** Resolves with the first signal. */
  readonly first: Promise<EndSignal>;
  /** Resolves with the exit code when the program must end at once. */
  readonly forced: Promise<number>;
  readonly #remove: () => void;
  #count = 0;
  #isForced = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(io: CliIo, graceMs = TERM_GRACE_MS) {
    let first: (signal: EndSignal) => void = () => undefined;
    let force: (exitCode: number) => void = () => undefined;
    this.first = new Promise((resolve) => {
      first = resolve;
    });
    this.forced = new Promise((resolve) => {
      force = (exitCode) => {
        this.#isForced = true;
        resolve(exitCode);
      };
    });
    this.#remove = io.onSignal((signal) => {
      this.#count++;
      if (this.#count > 1) return force(EXIT_BY_SIGNAL[signal]);
      if (signal === 'SIGTERM') this.#timer = setTimeout(() => force(EXIT_BY_SIGNAL.SIGTERM), graceMs);
      first(signal);
    });
  }

  /** Whether the program must end at once: nothing is worth waiting for any more. */
  get isForced(): boolean {
    return this.#isForced;
  }

  /** Stops listening. */
  close(): void {
    clearTimeout(this.#timer);
    this.#remove();
  }
}

/** A caller that sends SIGTERM usually sends SIGKILL ten seconds later. */
const TERM_GRACE_MS = 9_000;

const EXIT_BY_SIGNAL: Readonly<Record<EndSignal, number>> = {
  SIGINT: ExitCode.interrupted,
  SIGTERM: ExitCode.terminated,
};
