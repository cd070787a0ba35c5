/** The outside of the program: everything a command may touch besides files and sockets. Tests bring their own. */

/** Signals that ask the program to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM';

/** Where text goes. */
export interface TextSink {
  write(text: string): unknown;
  /** Whether a person watches. */
  readonly isTTY?: boolean | undefined;
  /** Width in characters, where it is a terminal. */
  readonly columns?: number | undefined;
}

/** What a program gets from its process. */
export interface CliIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls the handler for every signal until the returned function is called. */
  onSignal(handler: (signal: EndSignal) => void): () => void;
  /** How this program is started again as a process of its own. */
  readonly self: readonly string[];
}

const SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM'];

/** The outside of this process. */
export function processIo(): CliIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    self: [process.execPath, process.argv[1] ?? ''],
    onSignal(handler) {
      const listeners = SIGNALS.map((signal) => ({ signal, listener: () => handler(signal) }));
      for (const { signal, listener } of listeners) process.on(signal, listener);
      return () => {
        for (const { signal, listener } of listeners) process.off(signal, listener);
      };
    },
  };
}
